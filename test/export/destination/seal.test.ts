import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { encodeSpans } from '../../../src/export/destination/seal.ts';
import { decodeTraces } from '../../../src/receiver/otlp-decode.ts';
import { readable } from '../../receiver/spans.ts';

const spans = (count: number) => Array.from({ length: count }, (_, n) => readable({ n: n + 1, name: `s${n}` }));

/** The official one, with some spans that it chokes on, counting its calls. */
function encoder(bad: string[]) {
  const encode = (some: ReadableSpan[]) => {
    encode.calls++;
    if (some.some(({ name }) => bad.includes(name))) throw new TypeError('Cannot mix BigInt');
    return ProtobufTraceSerializer.serializeRequest(some);
  };
  encode.calls = 0;
  return encode;
}
const namesIn = (bodies: { bytes: Uint8Array }[]) =>
  bodies.flatMap(({ bytes }) => decodeTraces(bytes, 'protobuf').map(({ name }) => name));

describe('poison', () => {
  test('one bad span of 512 costs itself, in about 2·log2(n) encodings, and the rest stays one request', () => {
    const encode = encoder(['s300']);
    const { bodies, poisoned } = encodeSpans(spans(512), encode, 1e9);
    expect(poisoned).toBe(1);
    expect(bodies.map(({ spanCount }) => spanCount)).toEqual([511]);
    expect(new Set(namesIn(bodies))).toEqual(
      new Set(
        spans(512)
          .map(({ name }) => name)
          .filter((n) => n !== 's300'),
      ),
    );
    expect(encode.calls).toBeLessThanOrEqual(2 * Math.log2(512) + 2);
  });

  test.each([[['s0']], [['s6']], [['s0', 's3', 's6']], [['s1', 's2']]])('finds %j', (bad) => {
    const { bodies, poisoned } = encodeSpans(spans(7), encoder(bad), 1e9);
    expect(poisoned).toBe(bad.length);
    expect(namesIn(bodies).toSorted()).toEqual(
      ['s0', 's1', 's2', 's3', 's4', 's5', 's6'].filter((n) => !bad.includes(n)),
    );
  });

  test('all bad leaves nothing to send', () => {
    expect(encodeSpans(spans(3), encoder(['s0', 's1', 's2']), 1e9)).toEqual({ bodies: [], poisoned: 3 });
    expect(encodeSpans(spans(1), encoder(['s0']), 1e9)).toEqual({ bodies: [], poisoned: 1 });
    expect(encodeSpans(spans(3), () => undefined, 1e9)).toEqual({ bodies: [], poisoned: 3 });
  });

  test.each([
    ['a name that is no text', { name: 7 }],
    ['a kind that is no number', { kind: 'SERVER' }],
    ['a status that is no number', { status: { code: 'ERROR' } }],
    ['a status message that is no text', { status: { code: 2, message: {} } }],
    ['an event name that is no text', { events: [{ name: {}, time: [1, 0] }] }],
    ['a link without ids', { links: [{ context: { traceId: 5, spanId: null } }] }],
  ])('%s would make the whole request invalid, so that span is left out', (_what, over) => {
    const encode = encoder([]);
    const { bodies, poisoned } = encodeSpans([...spans(3), readable(over as object)], encode, 1e9);
    expect([poisoned, bodies[0]!.spanCount, encode.calls]).toEqual([1, 3, 1]);
  });

  test('a span whose properties throw is bad, not fatal', () => {
    const trap = Object.defineProperty(readable(), 'name', {
      get() {
        throw new Error('trap');
      },
    });
    expect(encodeSpans([...spans(2), trap], encoder([]), 1e9)).toMatchObject({ poisoned: 1 });
  });
});

describe('size', () => {
  test('a request that is too large is cut in proportion, keeping every span once and in order', () => {
    const all = spans(1_000);
    const whole = ProtobufTraceSerializer.serializeRequest(all)!.length;
    const limit = Math.ceil(whole / 7);
    const encode = encoder([]);
    const { bodies, poisoned } = encodeSpans(all, encode, limit);
    expect(poisoned).toBe(0);
    expect(namesIn(bodies)).toEqual(all.map(({ name }) => name));
    expect(Math.max(...bodies.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(limit);
    expect(encode.calls).toBeLessThanOrEqual(1 + 8);
  });

  test('a single span is never cut', () => {
    const { bodies } = encodeSpans(spans(1), encoder([]), 10);
    expect(bodies.map(({ spanCount }) => spanCount)).toEqual([1]);
  });

  test('nothing in, nothing out', () => {
    const encode = encoder([]);
    expect(encodeSpans([], encode, 10)).toEqual({ bodies: [], poisoned: 0 });
    expect(encode.calls).toBe(0);
  });
});
