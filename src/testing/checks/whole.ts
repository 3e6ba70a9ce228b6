// Is what was captured whole: one trace, every parent there, every span ended.
import { spanTree } from '../span-tree.ts';
import { spanLabel, type TestSpan } from '../test-span.ts';
import { count, forEverySpan, found, type Verdict } from './verdict.ts';

export function isOneTrace(spans: readonly TestSpan[]): Verdict {
  const roots = new Map<string, TestSpan>();
  for (const span of spans) {
    const known = roots.get(span.traceId);
    if (known === undefined || span.startTimeUnixNano < known.startTimeUnixNano) roots.set(span.traceId, span);
  }
  return {
    pass: roots.size === 1,
    problem: () => {
      if (spans.length === 0) return found(spans);
      const first = [...roots.values()].map(spanLabel).join(', ');
      return `There are ${count(roots.size, 'trace')}, which begin with: ${first}. Where one should go on, its context was lost.\n${found(spans)}`;
    },
    inverse: () => `All spans are of one trace.\n${found(spans)}`,
  };
}

export function hasNoOrphans(spans: readonly TestSpan[]): Verdict {
  return forEverySpan(
    spans,
    'Every span has its parent here.',
    (spans) => {
      const ids = new Set(spans.map(({ traceId, spanId }) => traceId + spanId));
      return spans
        .filter(({ traceId, parentSpanId }) => parentSpanId !== undefined && !ids.has(traceId + parentSpanId))
        .map((span) => `${spanLabel(span)}: its parent ${span.parentSpanId} is not here`);
    },
    'Spans without their parent',
  );
}

export function hasAllSpansEnded(spans: readonly TestSpan[]): Verdict {
  return forEverySpan(
    spans,
    'Every span has ended.',
    (spans) => spans.filter(({ ended }) => ended === false).map((span) => `${spanLabel(span)} ${whereFrom(span)}`),
    'Spans that were started and not ended',
  );
}

const whereFrom = ({ scope }: TestSpan) => `(of ${scope.name === '' ? 'a nameless tracer' : scope.name})`;

/** The names of the first spans, for messages about whole traces. */
export function traceTitle(trace: readonly TestSpan[]): string {
  return spanTree(trace, { durations: false, services: false }).split('\n', 1)[0] ?? '';
}
