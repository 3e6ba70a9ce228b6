// The checks as matchers: one object that the `expect.extend` of vitest and of jest takes alike, without loading either.
import type { ReceivedKind } from '../receiver/received-span.ts';
import { hasAtMost, hasSpan } from './checks/has-span.ts';
import { hasSpanTree } from './checks/has-tree.ts';
import { isDropped, isKept, type KeptReason } from './checks/kept.ts';
import { hasLowCardinalityNames } from './checks/low-cardinality.ts';
import { containsNoSecrets } from './checks/no-secrets.ts';
import { hasRequiredAttributes } from './checks/required-attributes.ts';
import type { SpanWanted } from './checks/span-pattern.ts';
import type { TextPattern } from './checks/value-match.ts';
import type { Verdict } from './checks/verdict.ts';
import { hasAllSpansEnded, hasNoOrphans, isOneTrace } from './checks/whole.ts';
import type { SpanTreeOptions } from './span-tree.ts';
import type { TestSpan } from './test-span.ts';

/** What both runners make of a matcher's answer. */
export interface MatcherResult {
  pass: boolean;
  message(): string;
}

type Matcher<Wanted extends unknown[]> = (spans: unknown, ...wanted: Wanted) => MatcherResult;

/**
 * ```ts
 * expect.extend(keeptraceMatchers);
 * ```
 * in a setup file of vitest or jest.
 */
export const keeptraceMatchers = {
  toHaveSpan: matcher((spans, wanted: SpanWanted) => hasSpan(spans, wanted)),
  toHaveSpanTree: matcher((spans, text: string, options?: SpanTreeOptions) => hasSpanTree(spans, text, options)),
  toBeOneTrace: matcher((spans) => isOneTrace(spans)),
  toHaveNoOrphans: matcher((spans) => hasNoOrphans(spans)),
  toHaveAllSpansEnded: matcher((spans) => hasAllSpansEnded(spans)),
  toHaveLowCardinalityNames: matcher((spans, others?: readonly TestSpan[]) =>
    hasLowCardinalityNames(spans, others === undefined ? undefined : spansOf(others)),
  ),
  toHaveRequiredAttributes: matcher((spans, more?: Partial<Record<ReceivedKind, readonly string[]>>) =>
    hasRequiredAttributes(spans, more),
  ),
  toContainNoSecrets: matcher((spans, patterns?: TextPattern | readonly TextPattern[]) =>
    containsNoSecrets(spans, patterns),
  ),
  toHaveAtMost: matcher((spans, most: number, wanted: SpanWanted) => hasAtMost(spans, most, wanted)),
  toBeKept: matcher((spans, reason?: KeptReason) => isKept(spans, reason)),
  toBeDropped: matcher((spans) => isDropped(spans)),
};

function matcher<Wanted extends unknown[]>(
  check: (spans: readonly TestSpan[], ...wanted: Wanted) => Verdict,
): Matcher<Wanted> {
  return (given, ...wanted) => {
    const { pass, problem, inverse } = check(spansOf(given), ...wanted);
    return { pass, message: pass ? inverse : problem };
  };
}

/** @throws TypeError for what is easily taken for spans */
function spansOf(given: unknown): readonly TestSpan[] {
  if (Array.isArray(given)) return given as TestSpan[];
  const what =
    typeof (given as PromiseLike<unknown> | null)?.then === 'function' ? 'a promise: await it first' : typeof given;
  throw new TypeError(
    `The spans of captureSpans() or receiveOtlp() are expected here, in an array, and this is ${what}.`,
  );
}
