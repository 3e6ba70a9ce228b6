import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, MAX_ELEMENTS, OtlpDecodeError } from '../../src/receiver/decode-rules.ts';
import { decodeTraces } from '../../src/receiver/otlp-decode.ts';
import { everySpan, readable, resource, spanIdOf, traceIdOf } from './spans.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const viaProtobuf = (spans = everySpan()) => decodeTraces(ProtobufTraceSerializer.serializeRequest(spans)!, 'protobuf');
const viaJson = (spans = everySpan()) => decodeTraces(JsonTraceSerializer.serializeRequest(spans)!, 'json');

describe('what the official serializers write', () => {
  test('comes back equal from JSON and from protobuf', () => {
    expect(viaProtobuf()).toStrictEqual(viaJson());
  });

  test.each([
    ['JSON', viaJson],
    ['protobuf', viaProtobuf],
  ])('keeps every field and value type through %s', (_, decode) => {
    const [root, full, client, producer, internal] = decode().sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
    expect(root).toMatchObject({
      name: 'span 1',
      kind: 'server',
      parentSpanId: undefined,
      traceState: '',
      flags: 0x101,
    });
    expect(full).toStrictEqual({
      traceId: traceIdOf(0xabcdef),
      spanId: spanIdOf(2),
      parentSpanId: spanIdOf(1),
      name: 'span 2',
      kind: 'consumer',
      startTimeUnixNano: 1_763_700_002_123_456_789n,
      endTimeUnixNano: 1_763_700_003_999_999_999n,
      attributes: decodedValues,
      status: { code: 'error', message: 'käputt' },
      events: [
        {
          name: 'exception',
          timeUnixNano: 1_763_700_002_000_000_005n,
          attributes: decodedValues,
          droppedAttributesCount: 3,
        },
        { name: 'plain', timeUnixNano: 1n, attributes: {}, droppedAttributesCount: 0 },
      ],
      links: [
        {
          traceId: traceIdOf(77),
          spanId: spanIdOf(78),
          traceState: 'vendor=one,other=two',
          attributes: { why: 'batch', count: -1 },
          droppedAttributesCount: 2,
          flags: 0x300,
        },
        {
          traceId: traceIdOf(79),
          spanId: spanIdOf(80),
          traceState: '',
          attributes: {},
          droppedAttributesCount: 0,
          flags: 0x101,
        },
      ],
      flags: 0x301,
      traceState: 'vendor=one,other=two',
      resource: { 'service.name': 'shop-api', 'process.pid': 4711 },
      scope: { name: 'test-scope', version: '1.2.3' },
      droppedAttributesCount: 1000,
      droppedEventsCount: 20,
      droppedLinksCount: 3,
    });
    expect(client).toMatchObject({
      kind: 'client',
      status: { code: 'ok', message: '' },
      scope: { name: 'pg', version: '' },
    });
    expect(producer).toMatchObject({ kind: 'producer', resource: { 'service.name': 'other' } });
    expect(internal).toMatchObject({ kind: 'internal', status: { code: 'unset', message: '' } });
  });

  test('is decoded whole when there are a thousand spans', () => {
    const spans = Array.from({ length: 1000 }, (_, n) => readable({ n: n + 1, attributes: { n, name: `item ${n}` } }));
    expect(viaProtobuf(spans)).toStrictEqual(viaJson(spans));
    expect(viaProtobuf(spans).map((span) => span.attributes.n)).toEqual(spans.map((_, n) => n));
  });

  test('may be nothing at all', () => {
    expect(decodeTraces(Buffer.alloc(0), 'protobuf')).toEqual([]);
    expect(decodeTraces(Buffer.from('{}'), 'json')).toEqual([]);
    expect(decodeTraces(Buffer.from('{"resourceSpans":[]}'), 'json')).toEqual([]);
  });

  test('cannot reach a prototype through a key', () => {
    const attributes = Object.defineProperty({ constructor: 'c' }, '__proto__', { value: 'p', enumerable: true });
    for (const [span] of [viaJson([readable({ attributes })]), viaProtobuf([readable({ attributes })])]) {
      expect(Object.getPrototypeOf(span!.attributes)).toBe(Object.prototype);
      expect(Object.entries(span!.attributes)).toEqual([
        ['constructor', 'c'],
        ['__proto__', 'p'],
      ]);
    }
  });
});

describe('JSON of other writers', () => {
  const span = (over: object) =>
    json({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: traceIdOf(1), spanId: spanIdOf(1), ...over }] }] }] });
  const value = (value: unknown) => decodeTraces(span({ attributes: [{ key: 'k', value }] }), 'json')[0]!.attributes.k;

  test('gives 64-bit integers as strings', () => {
    expect(value({ intValue: '-42' })).toBe(-42);
    expect(value({ intValue: '9223372036854775807' })).toBe(9_223_372_036_854_775_807n);
  });

  test('gives special doubles as strings', () => {
    expect(value({ doubleValue: 'NaN' })).toBeNaN();
    expect(value({ doubleValue: '-Infinity' })).toBe(Number.NEGATIVE_INFINITY);
  });

  test('may write ids in upper case and a parent of zeros for none', () => {
    const [decoded] = decodeTraces(span({ traceId: 'ABCDEF'.padEnd(32, '0'), parentSpanId: '0'.repeat(16) }), 'json');
    expect(decoded).toMatchObject({ traceId: 'abcdef'.padEnd(32, '0'), parentSpanId: undefined });
  });

  test.each([
    ['a body that is not JSON', Buffer.from('{"resourceSpans":'), 'not JSON'],
    ['a body that is no object', Buffer.from('[]'), 'the request is not an object'],
    ['spans that are no list', json({ resourceSpans: [{ scopeSpans: [{ spans: {} }] }] }), 'spans is not an array'],
    ['a span without ids', json({ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] }), 'no traceId'],
    ['a trace id of 5 digits', span({ traceId: 'abcde' }), 'traceId is not 32 hex digits'],
    ['a base64 trace id', span({ traceId: 'q83vAAAAAAAAAAAAAAAAAA==' }), 'traceId is not 32 hex digits'],
    ['a zero span id', span({ spanId: '0'.repeat(16) }), 'no spanId'],
    ['a name that is a number', span({ name: 1 }), 'name is not a string'],
    ['a time that is a word', span({ startTimeUnixNano: 'noon' }), 'startTimeUnixNano is not an integer'],
    ['a time with a fraction', span({ startTimeUnixNano: 1.5 }), 'startTimeUnixNano is not an integer'],
    ['an attribute list of numbers', span({ attributes: [1] }), 'an element of attributes is not an object'],
  ])('is refused with the reason: %s', (_, body, reason) => {
    expect(() => decodeTraces(body, 'json')).toThrow(OtlpDecodeError);
    expect(() => decodeTraces(body, 'json')).toThrow(reason);
  });

  test('cannot nest values without end', () => {
    const nest = (levels: number): unknown =>
      levels === 0 ? { intValue: 1 } : { arrayValue: { values: [nest(levels - 1)] } };
    expect(() => value(nest(MAX_DEPTH))).not.toThrow();
    expect(() => value(nest(MAX_DEPTH + 1))).toThrow('nested deeper than');
  });
});

describe('hostile protobuf', () => {
  const field = (number: number, ...payload: Uint8Array[]) => {
    const body = Buffer.concat(payload);
    return Buffer.concat([varint((number << 3) | 2), varint(body.length), body]);
  };
  const ids = [field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 1))];
  const request = (...span: Uint8Array[]) => field(1, field(2, field(2, ...ids, ...span)));

  test('with unknown fields and wire types is read around them', () => {
    const unknown = [
      field(99, Buffer.from('x')),
      Buffer.from([0x32, 0x01, 0x61]),
      Buffer.from([0xa5, 0x06, 1, 2, 3, 4]),
    ];
    expect(decodeTraces(request(...unknown, field(5, Buffer.from('ok'))), 'protobuf')).toMatchObject([
      { name: 'ok', kind: 'unspecified' },
    ]);
  });

  test('with the resource and scope after the spans still names them', () => {
    const spans = field(2, ...ids);
    const named = field(1, field(1, Buffer.from('late')));
    const resource = field(1, field(1, field(1, Buffer.from('service.name')), field(2, field(1, Buffer.from('shop')))));
    const [span] = decodeTraces(field(1, field(2, spans, named), resource), 'protobuf');
    expect(span).toMatchObject({ resource: { 'service.name': 'shop' }, scope: { name: 'late' } });
  });

  test('cannot nest values without end', () => {
    const nest = (levels: number): Buffer =>
      levels === 0 ? Buffer.from([0x18, 1]) : field(5, field(1, nest(levels - 1)));
    const attribute = (levels: number) => request(field(9, field(1, Buffer.from('k')), field(2, nest(levels))));
    expect(() => decodeTraces(attribute(MAX_DEPTH), 'protobuf')).not.toThrow();
    expect(() => decodeTraces(attribute(MAX_DEPTH + 1), 'protobuf')).toThrow('nested deeper than');
  });

  test('cannot turn two bytes each into millions of objects', () => {
    const events = Buffer.alloc((MAX_ELEMENTS + 1) * 2);
    for (let at = 0; at < events.length; at += 2) events[at] = 0x5a;
    expect(() => decodeTraces(request(events), 'protobuf')).toThrow(`more than ${MAX_ELEMENTS}`);
  });

  test.each([
    ['a length beyond the end', Buffer.from([0x0a, 0x7f, 0x00]), 'ends early'],
    ['an inner length beyond the outer', Buffer.from([0x0a, 0x02, 0x12, 0x05, 0, 0, 0, 0, 0]), 'ends early'],
    ['an endless varint', Buffer.alloc(40, 0xff), 'longer than ten bytes'],
    ['a group', Buffer.from([0x0b]), 'wire type 3'],
    ['field number 0', Buffer.from([0x02, 0x00]), 'field number 0'],
    ['a 3-byte trace id', field(1, field(2, field(2, field(1, Buffer.alloc(3, 1))))), 'traceId is not 32 hex digits'],
    ['a span without ids', field(1, field(2, field(2, field(5, Buffer.from('x'))))), 'no traceId'],
    ['JSON sent as protobuf', json({ resourceSpans: [] }), 'wire type'],
  ])('is refused with the reason: %s', (_, body, reason) => {
    expect(() => decodeTraces(body, 'protobuf')).toThrow(OtlpDecodeError);
    expect(() => decodeTraces(body, 'protobuf')).toThrow(reason);
  });

  test('cut, flipped or random, ends in spans or in a decode error', () => {
    const bodies = {
      protobuf: ProtobufTraceSerializer.serializeRequest(everySpan())!,
      json: JsonTraceSerializer.serializeRequest(everySpan())!,
    };
    const random = seeded(42);
    const below = (limit: number) => Math.floor(random() * limit);
    const tries = { decoded: 0, refused: 0 };
    for (let round = 0; round < 6000; round++) {
      const encoding = round % 2 ? 'json' : 'protobuf';
      const body = Buffer.from(bodies[encoding]);
      if (round % 3 === 0) body.fill(random() * 256, below(body.length), below(body.length));
      for (let flips = random() * 8; flips >= 0; flips--) body[below(body.length)] = random() * 256;
      const cut = round % 5 === 0 ? body.subarray(0, below(body.length)) : body;
      try {
        decodeTraces(cut, encoding);
        tries.decoded++;
      } catch (error) {
        if (!(error instanceof OtlpDecodeError)) throw error;
        tries.refused++;
      }
    }
    expect(tries.decoded).toBeGreaterThan(200);
    expect(tries.refused).toBeGreaterThan(1000);
  });
});

test('the resource of the fixtures is the one decoded', () => {
  expect(viaJson()[0]!.resource).toEqual(resource.attributes);
});

const decodedValues = {
  string: 'héllo ✓ 漢字 \u{1f600}',
  empty: '',
  yes: true,
  no: false,
  zero: 0,
  small: 300,
  negative: -7,
  int32: 2_147_483_648,
  above32: 8_589_934_597,
  minSafe: -9_007_199_254_740_991,
  large: 1_152_921_504_606_846_976n,
  veryNegative: -4_611_686_018_427_387_904n,
  double: 3.25,
  negativeDouble: -0.001,
  bytes: new Uint8Array([0, 1, 254, 255]),
  strings: ['a', '', 'ü'],
  mixed: [1, 'two', false, null, [3, [4]]],
  nothing: null,
  map: { a: 1, deep: { b: [true, { c: 'x' }], none: null }, empty: {} },
  emptyList: [],
};

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** Mulberry32: the same bodies in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
