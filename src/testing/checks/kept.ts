// Would production keep these traces. Not judged here: keeptrace writes its reason onto what it keeps, and that is read.
import type { TestSpan } from '../test-span.ts';
import { count, found, indent, type Verdict } from './verdict.ts';
import { traceTitle } from './whole.ts';

/** Reasons of `keeptrace.reason`, and `ratio` for what only the sample ratio can keep. */
export type KeptReason = 'error' | 'slow' | 'manual' | 'flag' | 'response' | 'deadline' | 'error_late' | 'ratio';

interface Trace {
  title: string;
  reason: KeptReason | undefined;
}

/** The draw of the ratio is left out: a test that passes one time in ten is no test. */
function tracesOf(spans: readonly TestSpan[]): Trace[] {
  const traces = new Map<string, TestSpan[]>();
  for (const span of spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  return [...traces.values()].map((trace) => ({ title: traceTitle(trace), reason: reasonOf(trace) }));
}

function reasonOf(trace: readonly TestSpan[]): KeptReason | undefined {
  for (const { attributes } of trace) {
    const reason = attributes['keeptrace.reason'];
    if (typeof reason === 'string' && reason !== 'head' && reason !== 'evicted') return reason as KeptReason;
  }
  return undefined;
}

const told = ({ title, reason }: Trace) =>
  `${title}: ${reason === undefined ? 'no rule keeps it, so only the sample ratio may' : `kept, ${reason}`}`;

/** @param reason undefined: any but `ratio` */
export function isKept(spans: readonly TestSpan[], reason?: KeptReason): Verdict {
  const traces = tracesOf(spans);
  const wrong = traces.filter((trace) =>
    reason === undefined ? trace.reason === undefined : (trace.reason ?? 'ratio') !== reason,
  );
  const wanted = reason === undefined ? 'kept' : `kept for the reason ${reason}`;
  return verdictOf(spans, traces, wrong, wanted);
}

export function isDropped(spans: readonly TestSpan[]): Verdict {
  const traces = tracesOf(spans);
  return verdictOf(
    spans,
    traces,
    traces.filter(({ reason }) => reason !== undefined),
    'dropped outside of the sample ratio',
  );
}

function verdictOf(spans: readonly TestSpan[], traces: Trace[], wrong: Trace[], wanted: string): Verdict {
  return {
    pass: traces.length > 0 && wrong.length === 0,
    problem: () =>
      spans.length === 0
        ? found(spans)
        : `Of ${count(traces.length, 'trace')}, ${wrong.length} would not be ${wanted}:\n${indent(wrong.map(told))}\n${found(spans)}`,
    inverse: () => `${count(traces.length, 'trace')} would be ${wanted}:\n${indent(traces.map(told))}`,
  };
}
