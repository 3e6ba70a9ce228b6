// Is there such a span, and are there not too many of them.
import { spanLabel, type TestSpan } from '../test-span.ts';
import { checkWanted, mismatches, nearestSpan, patternText, type SpanWanted } from './span-pattern.ts';
import { count, found, type Verdict } from './verdict.ts';

function fitting(spans: readonly TestSpan[], wanted: SpanWanted): TestSpan[] {
  checkWanted(wanted);
  return spans.filter((span) => mismatches(span, wanted, spans).length === 0);
}

export function hasSpan(spans: readonly TestSpan[], wanted: SpanWanted): Verdict {
  const hits = fitting(spans, wanted);
  return {
    pass: hits.length > 0,
    problem: () => [`There is no ${patternText(wanted)}.`, ...nearestLines(spans, wanted), found(spans)].join('\n'),
    inverse: () => `There is a ${patternText(wanted)}, ${count(hits.length, 'time')}.\n${found(spans)}`,
  };
}

function nearestLines(spans: readonly TestSpan[], wanted: SpanWanted): string[] {
  const nearest = nearestSpan(spans, wanted);
  if (nearest === undefined) return [];
  const lines = mismatches(nearest, wanted, spans).map(
    ({ field, wanted, found }) => `  ${field}: wanted ${wanted}, found ${found}`,
  );
  return [`The nearest is ${spanLabel(nearest)}:`, ...lines];
}

/** @param most at most so many spans fit `wanted` */
export function hasAtMost(spans: readonly TestSpan[], most: number, wanted: SpanWanted): Verdict {
  const hits = fitting(spans, wanted).length;
  return {
    pass: spans.length > 0 && hits <= most,
    problem: () =>
      spans.length === 0
        ? found(spans)
        : `There are ${hits} of ${patternText(wanted)}, at most ${most} wanted.\n${found(spans)}`,
    inverse: () => `There are ${hits} of ${patternText(wanted)}, more than ${most} wanted.\n${found(spans)}`,
    actual: hits,
    expected: most,
  };
}
