import { AssertionError } from 'node:assert';
import { expect, test } from 'vitest';
import * as assertions from '../../src/testing/assertions.ts';
import { keeptraceMatchers } from '../../src/testing/matchers.ts';
import type { TestSpan } from '../../src/testing/test-span.ts';
import { answer, fails, type Name, order } from './answers.ts';
import { spansOf } from './spans.ts';

expect.extend(keeptraceMatchers);

test.each([
  ['toBeOneTrace', []],
  ['toHaveNoOrphans', []],
  ['toHaveAllSpansEnded', []],
  ['toHaveLowCardinalityNames', []],
  ['toHaveRequiredAttributes', []],
  ['toContainNoSecrets', []],
  ['toHaveAtMost', [2, 'x']],
  ['toBeKept', []],
  ['toBeDropped', []],
  ['toHaveSpanTree', ['…x']],
] as [Name, unknown[]][])('%s is not green for nothing: it fails without a span', (name, wanted) => {
  expect(answer(name, [], ...wanted)).toEqual(fails(['There is no span at all.']));
});

test.each([
  [Promise.resolve([]), 'this is a promise: await it first'],
  [undefined, 'this is undefined'],
  ['x', 'this is string'],
])('%o is no spans, and the message says so', (given, words) => {
  expect(() => keeptraceMatchers.toBeOneTrace(given)).toThrow(words);
});

test('every matcher has a plain function, which throws an AssertionError with the same words', () => {
  const calls: [(spans: readonly TestSpan[]) => void, Name, unknown[]][] = [
    [(spans) => assertions.assertHasSpan(spans, 'x'), 'toHaveSpan', ['x']],
    [(spans) => assertions.assertHasSpanTree(spans, 'x'), 'toHaveSpanTree', ['x']],
    [assertions.assertOneTrace, 'toBeOneTrace', []],
    [assertions.assertNoOrphans, 'toHaveNoOrphans', []],
    [assertions.assertAllSpansEnded, 'toHaveAllSpansEnded', []],
    [(spans) => assertions.assertLowCardinalityNames(spans), 'toHaveLowCardinalityNames', []],
    [(spans) => assertions.assertRequiredAttributes(spans), 'toHaveRequiredAttributes', []],
    [(spans) => assertions.assertNoSecrets(spans), 'toContainNoSecrets', []],
    [(spans) => assertions.assertAtMost(spans, 1, /./), 'toHaveAtMost', [1, /./]],
    [(spans) => assertions.assertKept(spans), 'toBeKept', []],
    [assertions.assertDropped, 'toBeDropped', []],
  ];
  const wrong = spansOf(
    { name: 'a 4711', kind: 'server', ended: false, attributes: { password: 'hunter2' } },
    { name: 'b', trace: 'b', parent: 7, attributes: { 'keeptrace.reason': 'slow' } },
  );
  expect(calls.map(([, name]) => name)).toEqual(Object.keys(keeptraceMatchers));
  for (const [assertion, name, wanted] of calls) {
    let thrown: unknown;
    try {
      assertion(wrong);
    } catch (error) {
      thrown = error;
    }
    expect(thrown, name).toBeInstanceOf(AssertionError);
    expect((thrown as Error).message.split('\n'), name).toEqual(answer(name, wrong, ...wanted).lines);
  }
  expect(() => assertions.assertHasSpan(order, 'INSERT orders')).not.toThrow();
});

test('expect knows them, and their opposites', () => {
  expect(order).toHaveSpan('INSERT orders');
  expect(order).not.toHaveSpan('DELETE orders');
  expect(order).toBeOneTrace();
  expect(() => expect(order).not.toBeOneTrace()).toThrow('All spans are of one trace.');
  expect(() => expect(order).toHaveSpan('DELETE orders')).toThrow('There is no span "DELETE orders".');
});
