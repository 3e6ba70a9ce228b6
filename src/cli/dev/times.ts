// Nanoseconds of OTLP as milliseconds, with the microseconds that a double can still tell.
import type { ReceivedSpan } from '../../receiver/received-span.ts';

export const msOf = (nanos: bigint): number => Number(nanos / 1000n) / 1000;
export const startOf = (span: ReceivedSpan): number => msOf(span.startTimeUnixNano);
/** A clock that was set back must not turn a duration negative. */
export const durationOf = (span: ReceivedSpan): number =>
  Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6);

export const byStart = (a: ReceivedSpan, b: ReceivedSpan): number =>
  a.startTimeUnixNano < b.startTimeUnixNano ? -1 : a.startTimeUnixNano > b.startTimeUnixNano ? 1 : 0;

/** `0.4 ms`, `212 ms`, `2.40 s`. */
export function timeText(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** A setting as a person writes it: `1 s`, `1.5 s`, `750 ms`. */
export const limitText = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);
