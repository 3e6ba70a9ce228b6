// Owns the slow deadline on the wire: the time at which a request turns slow, told to everyone it calls, so that whoever
// is still at it then keeps its part without being told again. Needs clocks that agree within some 50 ms.
import { type Context, SpanKind, type TextMapPropagator, type TraceState, trace } from '@opentelemetry/api';
import { TraceState as SdkTraceState } from '@opentelemetry/core';

const KEY = 'keeptrace';
/** A deadline further off than this is no deadline of a request. */
const MOST_MS = 10 * 60_000;

/** @param at milliseconds since the epoch */
export function withDeadline(state: TraceState | undefined, at: number): TraceState {
  return (state ?? new SdkTraceState()).set(KEY, `d:${Math.round(at).toString(36)}`);
}

/** Milliseconds from `now` until the deadline, 0 when it has passed; undefined without one that can be believed. */
export function readDeadline(state: TraceState | undefined, now: number): number | undefined {
  const entry = state?.get(KEY);
  if (entry === undefined || !/^d:[0-9a-z]{7,9}$/.test(entry)) return undefined;
  const left = Number.parseInt(entry.slice(2), 36) - now;
  // Asked this way round, a clock of the app that says NaN is not believed either.
  return Math.abs(left) <= MOST_MS ? Math.max(0, left) : undefined;
}

/**
 * Whoever takes a message off a queue is not waited for, so the deadline goes along with calls only: where the active
 * span is that of a client.
 */
export function cutDeadlineAtQueues(inner: TextMapPropagator): TextMapPropagator {
  return {
    inject: (context, carrier, setter) => inner.inject(withoutDeadlineInMessages(context), carrier, setter),
    extract: (context, carrier, getter) => inner.extract(context, carrier, getter),
    fields: () => inner.fields(),
  };
}

function withoutDeadlineInMessages(context: Context): Context {
  const span = trace.getSpan(context);
  const spanContext = span?.spanContext();
  const state = spanContext?.traceState;
  if (spanContext === undefined || state?.get(KEY) === undefined) return context;
  if ((span as { kind?: SpanKind }).kind === SpanKind.CLIENT) return context;
  return trace.setSpanContext(context, { ...spanContext, traceState: state.unset(KEY) });
}
