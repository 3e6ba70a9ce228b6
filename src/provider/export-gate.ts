// Owns the last look at an ended span before it is exported: noise stays here, secrets are hidden.
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { createSpanRedactor } from '../span/redact.ts';
import { isPollerNoise } from './aws-opinions.ts';
import { isConnectNoise } from './pg-opinions.ts';

export interface GateSettings {
  backgroundSpans: boolean;
  redact: boolean;
  redactKeys: readonly string[];
}

export function createExportGate(settings: GateSettings, next: SpanProcessor): SpanProcessor {
  const redact = settings.redact ? createSpanRedactor({ keys: settings.redactKeys }) : undefined;
  return {
    onStart: (span, context) => next.onStart(span, context),
    onEnd(span) {
      // Bit 1 of the flags is "sampled": what is not exported needs no redaction.
      if ((span.spanContext().traceFlags & 1) === 0) return;
      if (isConnectNoise(span) || (!settings.backgroundSpans && isPollerNoise(span))) return;
      next.onEnd(redact === undefined ? span : redact(span));
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}
