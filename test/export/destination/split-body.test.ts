import { gunzipSync, gzipSync } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { plainSize } from '../../../src/export/destination/packing.ts';
import { splitBody } from '../../../src/export/destination/split-body.ts';
import { decodeTraces, type OtlpEncoding } from '../../../src/receiver/otlp-decode.ts';
import { everySpan, everyValue, readable } from '../../receiver/spans.ts';

const serializers = { json: JsonTraceSerializer, protobuf: ProtobufTraceSerializer };
const encode = (encoding: OtlpEncoding, spans: ReadableSpan[]) => serializers[encoding].serializeRequest(spans)!;

/** Repeatable: a failure names its seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const resources = ['shop', 'pay', 'mail'].map((name) => resourceFromAttributes({ 'service.name': name }));

/** Spans of several resources and scopes, in any order, some of them with everything a span can have. */
function anySpans(seed: number): ReadableSpan[] {
  const random = randomOf(seed);
  const full = everySpan()[1]!;
  return Array.from({ length: 1 + random(40) }, (_, n) => {
    const own = {
      n: n + 100,
      resource: resources[random(3)]!,
      instrumentationScope: {
        name: `scope ${random(3)}`,
        ...(random(2) ? { version: '1', schemaUrl: 'http://s' } : {}),
      },
      attributes: random(3) === 0 ? everyValue : { text: 'x'.repeat(random(300)) },
    };
    return random(4) === 0 ? readable({ ...own, events: full.events, links: full.links }) : readable(own);
  });
}

/** The bytes of each span of a protobuf request, in hex, by a reading that shares nothing with the one under test. */
function spanBytes(body: Uint8Array): string[] {
  const children = (bytes: Uint8Array, tag: number): Uint8Array[] => {
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const key = bytes[at++]!;
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        length |= (bytes[at]! & 0x7f) << shift;
        if (bytes[at++]! < 0x80) break;
      }
      // All fields of the request, of ResourceSpans and of ScopeSpans are messages or strings.
      if (key === tag) found.push(bytes.subarray(at, at + length));
      at += length;
    }
    return found;
  };
  return children(body, 0x0a)
    .flatMap((resource) => children(resource, 0x12))
    .flatMap((scope) => children(scope, 0x12))
    .map((span) => Buffer.from(span).toString('hex'));
}

describe.each(['json', 'protobuf'] as const)('%s', (encoding) => {
  test('the halves of any request are the whole, span by span, with their resource and scope', () => {
    for (let seed = 0; seed < 200; seed++) {
      const body = encode(encoding, anySpans(seed));
      const whole = decodeTraces(body, encoding);
      const halves = splitBody(body, encoding);
      if (whole.length === 1) {
        expect(halves).toBeUndefined();
        continue;
      }
      const seen = halves!.map(({ bytes }) => decodeTraces(bytes, encoding));
      expect(
        halves!.map(({ spanCount }) => spanCount),
        `seed ${seed}`,
      ).toEqual(seen.map(({ length }) => length));
      expect(seen[0]!.length, `seed ${seed}`).toBe(whole.length >> 1);
      expect(seen.flat(), `seed ${seed}`).toEqual(whole);
    }
  });

  test('halves can be halved until each span stands alone', () => {
    const spans = anySpans(7);
    const alone = (body: Uint8Array): Uint8Array[] =>
      splitBody(body, encoding)?.flatMap(({ bytes }) => alone(bytes)) ?? [body];
    const body = encode(encoding, spans);
    const singles = alone(body).map((bytes) => decodeTraces(bytes, encoding));
    expect(singles.every(({ length }) => length === 1)).toBe(true);
    expect(singles.flat()).toEqual(decodeTraces(body, encoding));
  });

  test('what is packed stays packed', () => {
    const body = encode(encoding, anySpans(3));
    const packed = gzipSync(body);
    expect(plainSize(packed)).toBe(body.length);
    const halves = splitBody(packed, encoding)!;
    expect(halves.flatMap(({ bytes }) => decodeTraces(gunzipSync(bytes), encoding))).toEqual(
      decodeTraces(body, encoding),
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.from('not a request at all')],
    ['a cut request', Buffer.from(encode(encoding, anySpans(5))).subarray(0, -3)],
    ['a packed thing that is cut', gzipSync(encode(encoding, anySpans(5))).subarray(0, 60)],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['a varint without end', Buffer.alloc(30, 0xff)],
  ])('%s cannot be taken apart, and does not throw', (_name, body) => {
    expect(splitBody(body, encoding)).toBeUndefined();
  });
});

describe('protobuf', () => {
  test('the bytes of each span are those of the whole', () => {
    for (let seed = 0; seed < 100; seed++) {
      const body = encode('protobuf', anySpans(seed));
      const halves = splitBody(body, 'protobuf');
      if (!halves) continue;
      expect(
        halves.flatMap(({ bytes }) => spanBytes(bytes)),
        `seed ${seed}`,
      ).toEqual(spanBytes(body));
    }
  });

  test('fields that a later OTLP may bring are kept, on every level', () => {
    const bytes = (field: number, content: Uint8Array | string) => {
      const value = Buffer.from(content as string);
      return Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), value]);
    };
    const span = (name: string) => bytes(2, Buffer.concat([bytes(5, name), bytes(15, 'new')]));
    const scope = bytes(2, Buffer.concat([span('a'), bytes(7, 'in scope'), span('b'), bytes(3, 'schema')]));
    const varint = Buffer.from([(9 << 3) | 0, 0x96, 0x01]);
    const fixed = Buffer.from([(10 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8, (11 << 3) | 5, 1, 2, 3, 4]);
    const body = Buffer.concat([varint, bytes(1, Buffer.concat([scope, bytes(8, 'in resource')])), fixed]);
    const [first, second] = splitBody(body, 'protobuf')!;
    for (const part of [first, second]) {
      const text = Buffer.from(part.bytes);
      for (const piece of [varint, fixed, 'in scope', 'schema', 'in resource', 'new'])
        expect(text.includes(piece)).toBe(true);
      expect(part.spanCount).toBe(1);
    }
    expect(Buffer.from(first.bytes).includes(span('a'))).toBe(true);
    expect(Buffer.from(second.bytes).includes(span('b'))).toBe(true);
    expect(Buffer.from(first.bytes).includes(span('b'))).toBe(false);
  });
});

test('JSON keeps what is unknown, too', () => {
  const request = {
    later: 1,
    resourceSpans: [
      {
        resource: { attributes: [] },
        schemaUrl: 'r',
        scopeSpans: [{ scope: { name: 's' }, more: true, spans: [{ n: 1 }, { n: 2 }] }],
      },
    ],
  };
  const halves = splitBody(Buffer.from(JSON.stringify(request)), 'json')!;
  const [first, second] = halves.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as typeof request);
  expect(first!.resourceSpans[0]!.scopeSpans[0]).toEqual({ scope: { name: 's' }, more: true, spans: [{ n: 1 }] });
  expect(second).toMatchObject({ later: 1, resourceSpans: [{ schemaUrl: 'r', scopeSpans: [{ spans: [{ n: 2 }] }] }] });
});
