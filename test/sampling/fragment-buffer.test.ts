import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { type Fragment, sizeOf } from '../../src/sampling/fragment.ts';
import { FragmentBuffer } from '../../src/sampling/fragment-buffer.ts';
import { cpuMs } from '../support/cpu-time.ts';
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
  const fill = () => {
    for (let i = 0; i < 5_000; i++) made.hold(i % 2 === 0 ? a : b, one);
  };
  expect(cpuMs(fill)).toBeLessThan(500);
  expect(given).toHaveLength(4_999);
});

test('running spans are weighed, with what they were given since they began', () => {
  const { made, given } = buffer({ bytes: 500_000 });
  const text = 'x'.repeat(10_000);
  for (let i = 0; i < 600; i++) {
    made.makeRoom();
    const one = source.start(`${i}`);
    made.start(made.create(`${i}`), one as never);
    // Long after it began; the first 550 are left as they are.
    if (i >= 550) one.setAttribute('text', text);
  }
  expect(given).toEqual([]);
  for (let i = 0; i < 600; i++) made.makeRoom();
  // 600 of 900 bytes and 50 of 10,000 more are twice the limit: the oldest, which are the light ones, went.
  expect(given.slice(0, 3)).toEqual(['-0', '-1', '-2']);
  expect(given.length).toBeGreaterThan(500);
  expect(made.stats().traces).toBe(600 - given.length);
});
