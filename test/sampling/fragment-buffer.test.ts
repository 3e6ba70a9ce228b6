import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { type Fragment, sizeOf } from '../../src/sampling/fragment.ts';
import { FragmentBuffer } from '../../src/sampling/fragment-buffer.ts';
import { rig } from './keeper-rig.ts';

const source = rig();

function span(text = ''): ReadableSpan {
  const made = source.start('x', undefined, text === '' ? {} : { text });
  made.end();
  return made;
}

function buffer(limits: Partial<ConstructorParameters<typeof FragmentBuffer>[0]>) {
  const given: string[] = [];
  const made: FragmentBuffer = new FragmentBuffer(
    { bytes: 1e9, spansPerTrace: 1e9, traces: 1e9, openSpans: 1e9, ...limits },
    {
      spans: ({ traceId }) => given.push(traceId),
      traces: (fragment: Fragment) => {
        given.push(`-${fragment.traceId}`);
        made.delete(fragment);
      },
    },
  );
  return { made, given };
}

test('bytes: ended traces go first, then running ones, each time the oldest', () => {
  const { made, given } = buffer({ bytes: 4 * sizeOf(span()) });
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((id) => made.create(id)) as Fragment[];
  for (const fragment of [a!, b!, c!, d!]) made.hold(fragment, span());
  made.rest(d!);
  made.rest(c!);
  for (let i = 0; i < 4; i++) made.hold(e!, span());
  // d holds since before c, but c came to hold first: the order is that of resting.
  expect(given).toEqual(['d', 'c', 'a', 'b']);
  expect(made.stats()).toEqual({ traces: 5, spans: 4, bytes: 4 * sizeOf(span()) });
});

test('a trace that runs again is no ended one', () => {
  const { made, given } = buffer({ bytes: 2 * sizeOf(span()) });
  const [a, b, c] = ['a', 'b', 'c'].map((id) => made.create(id)) as Fragment[];
  made.hold(a!, span());
  made.hold(b!, span());
  made.rest(a!);
  made.rest(b!);
  made.wake(a!);
  made.hold(c!, span());
  expect(given).toEqual(['b']);
});

test('spans of one trace', () => {
  const { made, given } = buffer({ spansPerTrace: 2 });
  const a = made.create('a');
  for (let i = 0; i < 3; i++) made.hold(a, span());
  expect([given, a.ended, made.stats().spans]).toEqual([['a'], [], 0]);
});

test('traces, and running spans', () => {
  const { made, given } = buffer({ traces: 2, openSpans: 3 });
  const [a, b] = [made.create('a'), made.create('b')];
  made.rest(b);
  made.create('c');
  expect(given).toEqual(['-b']);
  for (let i = 0; i < 3; i++) made.start(a, source.start('x'));
  made.makeRoom();
  expect([given, a.live]).toEqual([['-b', '-a'], false]);
  made.makeRoom();
  expect(given).toHaveLength(2);
});

test('a span larger than everything is given up, and the books end at nothing', () => {
  const { made, given } = buffer({ bytes: 2000 });
  const a = made.create('a');
  made.hold(a, span('x'.repeat(5000)));
  expect([given, made.stats()]).toEqual([['a'], { traces: 1, spans: 0, bytes: 0 }]);
  made.delete(a);
  expect(made.all()).toEqual([]);
});

test('room is found without a search among ten thousand that hold nothing', () => {
  const { made, given } = buffer({ bytes: sizeOf(span()) });
  for (let i = 0; i < 10_000; i++) made.rest(made.create(`${i}`));
  const [a, b] = [made.create('a'), made.create('b')];
  const one = span();
  const began = performance.now();
  for (let i = 0; i < 5_000; i++) made.hold(i % 2 === 0 ? a : b, one);
  expect(performance.now() - began).toBeLessThan(500);
  expect(given).toHaveLength(4_999);
});
