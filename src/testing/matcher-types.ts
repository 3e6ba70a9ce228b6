// Owns what TypeScript knows of the matchers, for vitest and for jest, whichever of them is there.
// biome-ignore-all lint/suspicious/noTsIgnore: whether there is an error depends on what the user has installed
import type { ReceivedKind } from '../receiver/received-span.ts';
import type { KeptReason } from './checks/kept.ts';
import type { SpanWanted } from './checks/span-pattern.ts';
import type { TextPattern } from './checks/value-match.ts';
import type { SpanTreeOptions } from './span-tree.ts';
import type { TestSpan } from './test-span.ts';

/** What `expect(spans)` can do after `expect.extend(keeptraceMatchers)`; each is told at its assertion of nearly the same name. */
export interface KeeptraceMatchers<Result = void> {
  /** One of the spans is this. */
  toHaveSpan(wanted: SpanWanted): Result;
  /** The spans make this tree, in which a line `…` stands for any spans. */
  toHaveSpanTree(text: string, options?: SpanTreeOptions): Result;
  /** All spans are of one trace. */
  toBeOneTrace(): Result;
  /** The parent of every span is here. */
  toHaveNoOrphans(): Result;
  /** Whoever started a span ended it. */
  toHaveAllSpansEnded(): Result;
  /** No name holds a value; with `others`, of a second run over other input, both have the same names. */
  toHaveLowCardinalityNames(others?: readonly TestSpan[]): Result;
  /** Every span has the attributes that its kind requires, and those of `more`. */
  toHaveRequiredAttributes(more?: Partial<Record<ReceivedKind, readonly string[]>>): Result;
  /** Nothing that keeptrace hides, or that `patterns` fit, is anywhere in the spans. */
  toContainNoSecrets(patterns?: TextPattern | readonly TextPattern[]): Result;
  /** At most so many of the spans are this. */
  toHaveAtMost(most: number, wanted: SpanWanted): Result;
  /** A rule keeps every trace: any, or this one. */
  toBeKept(reason?: KeptReason): Result;
  /** No rule keeps any of the traces, only the sample ratio may. */
  toBeDropped(): Result;
}

/** @ts-ignore vitest is not installed where jest is used */
declare module 'vitest' {
  interface Matchers<R extends void | Promise<void>, T> extends KeeptraceMatchers<R> {}
}

/** @ts-ignore jest is not installed where vitest is used */
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> extends KeeptraceMatchers<R> {}
}

declare global {
  /** The globals of `@types/jest`. */
  namespace jest {
    interface Matchers<R, T> extends KeeptraceMatchers<R> {}
  }
}
