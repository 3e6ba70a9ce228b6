// What a check says: whether it holds, and why not, in words. Pure; matchers and assertions only pass it on.
import { AssertionError } from 'node:assert';
import { spanTree } from '../span-tree.ts';
import type { TestSpan } from '../test-span.ts';

export interface Verdict {
  pass: boolean;
  /** Why it does not hold; asked for only then. */
  problem(): string;
  /** Why its opposite does not hold; asked for only when it does. */
  inverse(): string;
  /** For runners that show the two side by side. */
  actual?: unknown;
  expected?: unknown;
}

/** @throws AssertionError */
export function insist({ pass, problem, actual, expected }: Verdict, operator: string): void {
  if (pass) return;
  throw new AssertionError({ message: problem(), actual, expected, operator, stackStartFn: insist });
}

/** Printed lines of what there is, at most. */
const MOST_LINES = 40;

/** The spans at the foot of a message. */
export function found(spans: readonly TestSpan[]): string {
  if (spans.length === 0) return 'There is no span at all.';
  const lines = spanTree(spans, { durations: false }).split('\n');
  const more = lines.length - MOST_LINES;
  if (more > 0) lines.splice(MOST_LINES, more, `… ${more} more lines`);
  return `The spans:\n${indent(lines)}`;
}

export function indent(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
}

export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** A check of every span would be green for nothing where there is none. */
export function forEverySpan(
  spans: readonly TestSpan[],
  holds: string,
  problems: (spans: readonly TestSpan[]) => string[],
  title: string,
): Verdict {
  const list = spans.length === 0 ? [] : problems(spans);
  return {
    pass: spans.length > 0 && list.length === 0,
    problem: () => (spans.length === 0 ? found(spans) : `${title}:\n${indent(list)}\n${found(spans)}`),
    inverse: () => `${holds}\n${found(spans)}`,
  };
}
