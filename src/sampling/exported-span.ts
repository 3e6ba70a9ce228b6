// Owns how a kept span looks to the exporter: sampled, with the weight it has a right to, and the reason on it.
import { type SpanContext, TraceFlags, type TraceState } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import { isLocalRoot, type KeepReason } from './fragment.ts';
import { withThreshold } from './ot-state.ts';
import { SpanCopy } from './span-copy.ts';
import { parseThreshold, weightOf } from './threshold.ts';

export interface Kept {
  reason: KeepReason;
  threshold: string | undefined;
  /** Parts of the trace are known to be missing. */
  partial: boolean;
  serviceName: string;
}

/** Sets the flag on a span that still runs: whatever it calls from now on is told that the trace is kept. */
export function flip(span: Span): void {
  // The one object that every `spanContext()` returns. Its type says readonly; the SDK reads it anew at each injection.
  const context = span.spanContext() as { traceFlags: number; traceState?: TraceState };
  if ((context.traceFlags & TraceFlags.SAMPLED) !== 0) return;
  context.traceFlags |= TraceFlags.SAMPLED;
  context.traceState = withThreshold(context.traceState, undefined);
}

/**
 * A copy of the span rather than the span: code can go on using the context of a span that has ended, and what is true
 * of the exported one (`th:0`) must not go out with its requests.
 */
export function exportedSpan(span: ReadableSpan, { reason, threshold, partial, serviceName }: Kept): ReadableSpan {
  const { attributes } = span;
  attributes['keeptrace.reason'] = reason;
  // Understood by the Collector's probabilistic sampler and by Datadog: not to be sampled again.
  attributes['sampling.priority'] = 1;
  if (isLocalRoot(span)) {
    const share = parseThreshold(threshold);
    if (share !== undefined) {
      attributes['keeptrace.weight'] = weightOf(share);
      attributes['keeptrace.trigger.service'] = serviceName;
    }
    if (partial) attributes['keeptrace.partial'] = true;
  }
  return sampledSpan(span, threshold);
}

/** `kept` when the trace is here for more than chance or a full buffer: what an outage should cost last. */
export function laneOf({ attributes }: ReadableSpan): 'kept' | 'rest' {
  const reason = attributes['keeptrace.reason'];
  return reason === undefined || reason === 'head' || reason === 'evicted' ? 'rest' : 'kept';
}

/** A copy of the span with the sampled flag, without which exporters leave a span out. */
export function sampledSpan(span: ReadableSpan, threshold: string | undefined): ReadableSpan {
  const context = span.spanContext();
  const exported: SpanContext = {
    ...context,
    traceFlags: context.traceFlags | TraceFlags.SAMPLED,
    traceState: withThreshold(context.traceState, threshold),
  };
  return new SpanCopy(span, exported);
}
