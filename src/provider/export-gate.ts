// Owns the last look at an ended span before it is exported: noise of pollers and connections stays here.
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { isPollerNoise } from './aws-opinions.ts';
import { isConnectNoise } from './pg-opinions.ts';

export interface GateSettings {
  backgroundSpans: boolean;
}

export function createExportGate(settings: GateSettings, next: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, context) => next.onStart(span, context),
    onEnd(span) {
      if (isConnectNoise(span) || (!settings.backgroundSpans && isPollerNoise(span))) return;
      next.onEnd(span);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}
