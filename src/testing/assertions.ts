// The checks as plain functions, for any runner and none: each returns, or throws an AssertionError that says what is there.
import type { ReceivedKind } from '../receiver/received-span.ts';
import { hasAtMost, hasSpan } from './checks/has-span.ts';
import { hasSpanTree } from './checks/has-tree.ts';
import { isDropped, isKept, type KeptReason } from './checks/kept.ts';
import { hasLowCardinalityNames } from './checks/low-cardinality.ts';
import { containsNoSecrets } from './checks/no-secrets.ts';
import { hasRequiredAttributes } from './checks/required-attributes.ts';
import type { SpanWanted } from './checks/span-pattern.ts';
import type { TextPattern } from './checks/value-match.ts';
import { insist } from './checks/verdict.ts';
import { hasAllSpansEnded, hasNoOrphans, isOneTrace } from './checks/whole.ts';
import type { SpanTreeOptions } from './span-tree.ts';
import type { TestSpan } from './test-span.ts';

type Spans = readonly TestSpan[];

/**
 * One of the spans is `wanted`: a name, a pattern for it, or more about it. The message shows the nearest.
 * @throws {AssertionError}
 */
export function assertHasSpan(spans: Spans, wanted: SpanWanted): void {
  insist(hasSpan(spans, wanted), 'assertHasSpan');
}

/**
 * The spans make the tree of `text`, which is what `spanTree` prints without durations and services, or the same drawn
 * with two spaces a level. A line `…` stands for any spans in its place, none too.
 * @throws {AssertionError}
 */
export function assertHasSpanTree(spans: Spans, text: string, options?: SpanTreeOptions): void {
  insist(hasSpanTree(spans, text, options), 'assertHasSpanTree');
}

/**
 * All spans are of one trace: no context was lost on the way.
 * @throws {AssertionError}
 */
export function assertOneTrace(spans: Spans): void {
  insist(isOneTrace(spans), 'assertOneTrace');
}

/**
 * The parent of every span is among the spans.
 * @throws {AssertionError}
 */
export function assertNoOrphans(spans: Spans): void {
  insist(hasNoOrphans(spans), 'assertNoOrphans');
}

/**
 * Whoever started a span ended it, by the deadline of `captureSpans`. Received spans have all ended.
 * @throws {AssertionError}
 */
export function assertAllSpansEnded(spans: Spans): void {
  insist(hasAllSpansEnded(spans), 'assertAllSpansEnded');
}

/**
 * No name holds an id, a number, a token or an address. With the spans of a second run over other input: both have the
 * same set of names, which finds what no pattern does.
 * @throws {AssertionError}
 */
export function assertLowCardinalityNames(spans: Spans, others?: Spans): void {
  insist(hasLowCardinalityNames(spans, others), 'assertLowCardinalityNames');
}

/**
 * Every span has the attributes that the semantic conventions ask of its kind: HTTP servers and clients, databases,
 * messaging, RPC. `more` names further ones by kind.
 * @throws {AssertionError}
 */
export function assertRequiredAttributes(spans: Spans, more?: Partial<Record<ReceivedKind, readonly string[]>>): void {
  insist(hasRequiredAttributes(spans, more), 'assertRequiredAttributes');
}

/**
 * Nothing that the redaction of keeptrace hides is in names, attributes, events, links, messages or the resource, and
 * nothing of `patterns`. Messages show no more than the first four characters.
 * @throws {AssertionError}
 */
export function assertNoSecrets(spans: Spans, patterns?: TextPattern | readonly TextPattern[]): void {
  insist(containsNoSecrets(spans, patterns), 'assertNoSecrets');
}

/**
 * At most `most` spans are `wanted`: steadier than durations, and what finds a query in a loop.
 * @throws {AssertionError}
 */
export function assertAtMost(spans: Spans, most: number, wanted: SpanWanted): void {
  insist(hasAtMost(spans, most, wanted), 'assertAtMost');
}

/**
 * Every trace is kept whatever the ratio, for `reason` if one is given. It is the decision of the keeptrace that runs in
 * this process, with its settings; nothing is exported for it. `ratio`: no rule keeps it, only the ratio may.
 * @throws {AssertionError}
 */
export function assertKept(spans: Spans, reason?: KeptReason): void {
  insist(isKept(spans, reason), 'assertKept');
}

/**
 * No rule keeps any of the traces. Of such traces production has the share that the sample ratio says; its draw is left
 * out here, so that the test has the same result in every run.
 * @throws {AssertionError}
 */
export function assertDropped(spans: Spans): void {
  insist(isDropped(spans), 'assertDropped');
}
