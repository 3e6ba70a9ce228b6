// Owns OpenTelemetry's entry of the tracestate, `ot=th:…;rv:…`. Entries of other vendors pass through untouched.
import type { TraceState } from '@opentelemetry/api';
import { TraceState as SdkTraceState } from '@opentelemetry/core';
import { parseThreshold, randomnessOf } from './threshold.ts';

export function otValue(state: TraceState | undefined, name: 'th' | 'rv'): string | undefined {
  const entry = state?.get('ot');
  if (entry === undefined) return undefined;
  for (const part of entry.split(';')) if (part.startsWith(`${name}:`)) return part.slice(name.length + 1);
  return undefined;
}

/**
 * The same state with another threshold, or none. A state without entries comes back as such: the tracer takes
 * `undefined` for "as the parent's", so that a stale threshold would survive it.
 */
export function withThreshold(state: TraceState | undefined, th: string | undefined): TraceState {
  const old = state?.get('ot');
  const parts = old?.split(';').filter((part) => part !== '' && !part.startsWith('th:')) ?? [];
  if (th !== undefined) parts.unshift(`th:${th}`);
  const base = state ?? new SdkTraceState();
  if (parts.length === 0) return base.unset('ot');
  const entry = parts.join(';');
  if (entry === old) return base;
  const changed = base.set('ot', entry);
  // A full state (512 characters, 32 entries) does not take it: then better no threshold than the old one.
  return changed.get('ot') === entry ? changed : base.unset('ot');
}

/**
 * The same state with this `ot`. A full state refuses it; since a caller can send one that is full, it is then the
 * entries of others that go, as the specification allows.
 */
export function withOt(state: TraceState, entry: string): TraceState {
  const changed = state.unset('ot').set('ot', entry);
  return changed.get('ot') === entry ? changed : new SdkTraceState().set('ot', entry);
}

/** For what was decided otherwise than by the threshold in `state`; undefined where there is none and no state at all. */
export function withoutThreshold(state: TraceState | undefined): TraceState | undefined {
  return otValue(state, 'th') === undefined ? state : withThreshold(state, undefined);
}

/**
 * The threshold that a sampled trace was kept under; undefined where none is said, or one that excludes this trace: a
 * forced keep further up has left it behind.
 */
export function soundThreshold(traceId: string, state: TraceState | undefined): string | undefined {
  const text = otValue(state, 'th');
  const threshold = parseThreshold(text);
  return threshold !== undefined && randomnessOf(traceId, otValue(state, 'rv')) >= threshold ? text : undefined;
}
