import { expect, test } from 'vitest';
import { timingOf } from '../../../src/cli/dev/critical-path.ts';
import { byStart } from '../../../src/cli/dev/times.ts';
import type { ReceivedSpan } from '../../../src/receiver/received-span.ts';
import { idOf, type SpanFacts, span } from './rig.ts';

/** [name, parent, start, end] */
type Row = [string, string | undefined, number, number];

function spansOf(rows: Row[]): ReceivedSpan[] {
  const spans = rows.map(([id, parent, at, end]): ReceivedSpan => {
    const facts: SpanFacts = { id, at, ms: end - at };
    return span(parent === undefined ? facts : { ...facts, parent });
  });
  return spans.sort(byStart);
}

function timing(rows: Row[]) {
  const { critical, selfMs } = timingOf(spansOf(rows));
  return {
    critical: rows.map(([id]) => id).filter((id) => critical.has(idOf(id))),
    self: Object.fromEntries(rows.map(([id]) => [id, selfMs.get(idOf(id))])),
  };
}

test.each<[string, Row[], string[], Record<string, number>]>([
  [
    'what ran one after the other is all on the path',
    [
      ['root', undefined, 0, 100],
      ['a', 'root', 10, 40],
      ['b', 'root', 50, 90],
    ],
    ['root', 'a', 'b'],
    { root: 30, a: 30, b: 40 },
  ],
  [
    'of what ran at the same time only the last to end is',
    [
      ['root', undefined, 0, 100],
      ['short', 'root', 10, 50],
      ['long', 'root', 10, 90],
    ],
    ['root', 'long'],
    { root: 20, short: 40, long: 80 },
  ],
  [
    'what was over before the long one began is on it, too',
    [
      ['root', undefined, 0, 100],
      ['first', 'root', 0, 20],
      ['short', 'root', 25, 40],
      ['long', 'root', 20, 95],
    ],
    ['root', 'first', 'long'],
    { root: 5, first: 20, short: 15, long: 75 },
  ],
  [
    'it goes down through the one that held up',
    [
      ['root', undefined, 0, 100],
      ['call', 'root', 10, 90],
      ['serve', 'call', 20, 80],
      ['query', 'serve', 30, 40],
      ['other', 'root', 10, 60],
      ['deep', 'other', 20, 50],
    ],
    ['root', 'call', 'serve', 'query'],
    { root: 20, call: 20, serve: 50, query: 10, other: 20, deep: 30 },
  ],
  [
    'work after the response is not blamed for it',
    [
      ['root', undefined, 0, 50],
      ['send', 'root', 30, 40],
      ['later', 'send', 60, 500],
    ],
    ['root', 'send'],
    { root: 40, send: 10, later: 440 },
  ],
  [
    'a child that outlives its parent counts up to its end',
    [
      ['root', undefined, 0, 50],
      ['stream', 'root', 20, 90],
      ['part', 'stream', 25, 45],
    ],
    ['root', 'stream', 'part'],
    { root: 20, stream: 50, part: 20 },
  ],
  [
    'where the root is missing the first of the others takes its place',
    [
      ['a', 'gone', 0, 50],
      ['b', 'a', 10, 20],
    ],
    ['a', 'b'],
    { a: 40, b: 10 },
  ],
  [
    'a circle ends',
    [
      ['a', 'b', 0, 50],
      ['b', 'a', 10, 20],
    ],
    [],
    { a: 40, b: 0 },
  ],
  ['a span that is its own parent ends', [['a', 'a', 0, 50]], [], { a: 50 }],
])('%s', (_, rows, critical, self) => {
  expect(timing(rows)).toEqual({ critical, self });
});

test('a chain of 20,000 spans, and as many siblings, take no time to speak of', () => {
  const chain = Array.from({ length: 20_000 }, (_, n): Row => {
    return [`c${n}`, n === 0 ? undefined : `c${n - 1}`, n / 1000, 200 - n / 1000];
  });
  const siblings = Array.from({ length: 20_000 }, (_, n): Row => [`s${n}`, 'c0', 60 + n / 1000, 150]);
  const spans = spansOf([...chain, ...siblings]);
  const started = performance.now();
  const { critical } = timingOf(spans);
  expect(performance.now() - started).toBeLessThan(4_000);
  expect(critical.size).toBe(20_000);
});
