// Do names of spans say what is done, and not to what: a backend makes one row of each name.
import { spanLabel, type TestSpan } from '../test-span.ts';
import { forEverySpan, type Verdict } from './verdict.ts';

const patterns: readonly [what: string, pattern: RegExp][] = [
  ['a UUID', /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i],
  ['an e-mail address', /[\w.+-]+@[\w-]+\.[a-z]{2,}/i],
  // With a digit and a letter: `deadbeef` alone may be a word.
  ['a hexadecimal id', /(?<![a-z0-9])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}(?![a-z0-9])/i],
  ['a number', /(?<![\w.])\d{2,}(?![\w.])|(?<=[/:=])\d+(?![\w.])/],
  ['a token', /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,}(?![\w-])/],
];

/** @param others of a second run with other input: what was done is the same, so the names have to be */
export function hasLowCardinalityNames(spans: readonly TestSpan[], others?: readonly TestSpan[]): Verdict {
  return forEverySpan(
    spans,
    'No name holds a value.',
    (spans) => [
      ...valuesInNames([...spans, ...(others ?? [])]),
      ...(others === undefined ? [] : differences(spans, others)),
    ],
    'Names that vary with the input',
  );
}

function valuesInNames(spans: readonly TestSpan[]): string[] {
  const lines = spans.flatMap((span) => {
    const hit = patterns.find(([, pattern]) => pattern.test(span.name));
    if (hit === undefined) return [];
    const [what, pattern] = hit;
    return [`${spanLabel(span)} holds ${what}: ${pattern.exec(span.name)?.[0]}`];
  });
  return [...new Set(lines)];
}

function differences(spans: readonly TestSpan[], others: readonly TestSpan[]): string[] {
  const only = (these: readonly TestSpan[], those: readonly TestSpan[], run: string) => {
    const names = new Set(those.map(({ name }) => name));
    return [...new Set(these.filter(({ name }) => !names.has(name)).map(spanLabel))].map(
      (label) => `${label} is in the ${run} run only`,
    );
  };
  return [...only(spans, others, 'first'), ...only(others, spans, 'second')];
}
