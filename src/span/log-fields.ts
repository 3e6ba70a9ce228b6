// Owns the fields that join a log line to its trace (R32), under the names that logging backends look for.
import { isSpanContextValid, trace } from '@opentelemetry/api';

export interface TraceFields {
  /** 32 hex digits. */
  trace_id: string;
  /** 16 hex digits. */
  span_id: string;
  /** Two hex digits; `01` when the trace was sampled at its head. */
  trace_flags: string;
}

/**
 * The active span's ids for a log line, or `{}` outside any span, so that it can always be spread:
 * `logger.info({ ...traceFields(), orderId }, 'paid')`.
 */
export function traceFields(): TraceFields | Record<string, never> {
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined || !isSpanContextValid(active)) return {};
  return {
    trace_id: active.traceId,
    span_id: active.spanId,
    trace_flags: active.traceFlags.toString(16).padStart(2, '0'),
  };
}
