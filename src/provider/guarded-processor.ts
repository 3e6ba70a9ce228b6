// Owns that a span processor of the user's own cannot throw into the code that starts or ends a span.
import { diag } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

export function guardProcessor(inner: SpanProcessor): SpanProcessor {
  const guard = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      diag.warn(`A span processor of the option spanProcessors threw: ${String(error)}`);
    }
  };
  return {
    onStart: (span, context) => guard(() => inner.onStart(span, context)),
    onEnding: (span) => guard(() => inner.onEnding?.(span)),
    onEnd: (span) => guard(() => inner.onEnd(span)),
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  };
}
