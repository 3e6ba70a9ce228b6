import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { SPAN_LIMIT } from '../../../src/export/cut/cut-largest.ts';
import { CUT, createCutter, cutOversize, TEXT_LIMIT } from '../../../src/export/cut/cut-span.ts';
import { cutText } from '../../../src/export/cut/cut-text.ts';
import { createSpanRedactor } from '../../../src/span/redact.ts';
import { readable } from '../../receiver/spans.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const cut = createCutter();
const hide = createSpanRedactor();
/** What TypeScript would refuse and the SDK lets through. */
const span = (over: object): ReadableSpan => readable(over as Partial<ReadableSpan>);
const wire = (one: ReadableSpan) => ProtobufTraceSerializer.serializeRequest([one])!.length;
const json = (one: ReadableSpan) => JsonTraceSerializer.serializeRequest([one])!.length;
const depth = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
const leaves = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.values(value).reduce((sum, one) => sum + leaves(one), 0) : 1;
const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
const mb = 'word '.repeat(200_000);

test('an ordinary span is left alone', () => {
  const attributes = { a: 'x'.repeat(8_000), n: 1, list: ['a', 'b'], map: { a: { b: 1 } }, none: null };
  const before = structuredClone(attributes);
  const one = span({ attributes, status: { code: 2, message: 'm'.repeat(10_000) } });
  cut(one);
  expect(one.attributes).toEqual(before);
  expect(one.attributes.list).toBe(attributes.list);
});

test.each([
  ['an attribute', { attributes: { a: mb } }, 'a'],
  ['a text in a list', { attributes: { a: ['x', mb] } }, 'a'],
  ['a text in a map', { attributes: { a: { b: { c: mb } } } }, 'a'],
  ['bytes', { attributes: { a: new Uint8Array(1e6) } }, 'a'],
  ['a long list', { attributes: { a: Array.from({ length: 100_000 }, (_, i) => i) } }, 'a'],
  ['a wide map', { attributes: { a: Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`k${i}`, i])) } }, 'a'],
  ['a deep map', { attributes: { a: nested(2_000) } }, 'a'],
  ['a deep list', { attributes: { a: JSON.parse('['.repeat(900) + ']'.repeat(900)) } }, 'a'],
  ['the name', { name: mb }, 'name'],
  ['the status message', { status: { code: 2, message: mb } }, 'status.message'],
  ['an event name', { events: [{ name: mb, time: [1, 0] }] }, 'events'],
  [
    'a stack',
    { events: [{ name: 'exception', time: [1, 0], attributes: { 'exception.stacktrace': mb } }] },
    'exception.stacktrace',
  ],
  ['a link', { links: [{ context: readable().spanContext(), attributes: { l: mb } }] }, 'l'],
  ['a key', { attributes: { [mb]: 1, b: 2 } }, 'a long key'],
])('%s is cut and named', (_what, over, name) => {
  const one = span(over);
  cut(one);
  expect(one.attributes[CUT]).toEqual([name]);
  expect(wire(one)).toBeLessThan(SPAN_LIMIT);
  const value = ArrayBuffer.isView(one.attributes.a) ? 1 : one.attributes.a;
  expect(depth(value)).toBeLessThanOrEqual(8);
  expect(leaves(value)).toBeLessThanOrEqual(1_024);
  if (depth(value) > 1) expect(leaves(value)).toBeLessThanOrEqual(256);
});

test.each([
  [
    '128 attributes of 16,000',
    { attributes: Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, 'w '.repeat(8_000)])) },
  ],
  [
    '128 events of 128 attributes',
    {
      events: Array.from({ length: 128 }, () => ({
        name: 'e',
        time: [1, 0],
        attributes: Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`key${i}`, 'word '.repeat(20)])),
      })),
    },
  ],
  [
    '128 links',
    {
      links: Array.from({ length: 128 }, () => ({
        context: readable().spanContext(),
        attributes: { a: 'w '.repeat(4_000) },
      })),
    },
  ],
  [
    'text of three bytes a character',
    { attributes: { a: '語 '.repeat(8_000), b: '語 '.repeat(8_000), c: '語 '.repeat(8_000) } },
  ],
  [
    '128 lists',
    { attributes: Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, Array(1_000).fill('text')])) },
  ],
  [
    '128 attributes with keys and lists of nothing',
    { attributes: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`${i}${'k'.repeat(200)}`, i])) },
  ],
])('%s come down to the size of a span', (_what, over) => {
  const one = span(over);
  cut(one);
  expect(wire(one)).toBeLessThan(SPAN_LIMIT * 1.1);
  expect(json(one)).toBeLessThan(SPAN_LIMIT * 2.5);
  expect(one.attributes[CUT]).not.toHaveLength(0);
  expect((one.attributes[CUT] as string[]).length).toBeLessThanOrEqual(16);
});

test('of too many events and links the newest of both stay, and the SDK counts the others as dropped', () => {
  const spans: ReadableSpan[] = [];
  const processor = cutOversize({ attributeValueLength: 8_192 });
  const provider = new TracerProvider({
    spanProcessors: [processor, { ...processor, onEnd: (one) => void spans.push(one) }],
  });
  const attributes = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`key${i}`, i]));
  const one = provider.getTracer('t').startSpan('many');
  for (let n = 0; n < 128; n++) one.addEvent(`e${n}`, attributes).addLink({ context: one.spanContext(), attributes });
  one.end();
  const [{ events, links, droppedEventsCount, droppedLinksCount } = readable()] = spans;
  expect(events.length).toBeGreaterThan(4);
  expect(links.length).toBeGreaterThan(4);
  expect(events.at(-1)?.name).toBe('e127');
  expect([events.length + droppedEventsCount, links.length + droppedLinksCount]).toEqual([128, 128]);
  expect(spans[0]!.attributes[CUT]).toEqual(['events', 'links']);
});

test('the largest goes first: what is small stays whole', () => {
  const small = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`s${i}`, `value ${i}`]));
  const large = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`l${i}`, 'w '.repeat(7_000)]));
  const one = span({ attributes: { ...small, ...large } });
  cut(one);
  expect(one.attributes).toMatchObject(small);
  expect(one.attributes[CUT]).toEqual(Object.keys(large));
  expect(wire(one)).toBeGreaterThan(SPAN_LIMIT * 0.8);
});

test('what the app still holds is not changed', () => {
  const list = Array.from({ length: 5_000 }, (_, i) => i);
  const map = { a: mb, b: nested(20) };
  const bytes = Buffer.alloc(50_000, 'x');
  cut(span({ attributes: { list, map, bytes } }));
  expect([list.length, map.a.length, depth(map.b), bytes.length]).toEqual([5_000, mb.length, 20, 50_000]);
});

test('what refers to itself in many places costs no more than what is kept', () => {
  const web: Record<string, unknown> = {};
  for (let i = 0; i < 20; i++) web[`self${i}`] = web;
  const lists: unknown[] = [];
  for (let i = 0; i < 20; i++) lists.push(lists);
  const one = span({ attributes: { web, lists } });
  expect(cpuMs(() => cut(one))).toBeLessThan(50);
  expect(one.attributes[CUT]).toEqual(['web', 'lists']);
  expect(wire(one)).toBeLessThan(SPAN_LIMIT);
});

test('what was cut off is let go, also where the SDK had cut it', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const cutAt = createCutter(8_192);
  const heap = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const held = Array.from({ length: 20 }, (_, n) => {
    const text = Array.from({ length: 200_000 }, (_, i) => `${n} ${i}`).join(' ');
    const one = span({ attributes: { whole: text, blind: text.substring(0, 8_192) } });
    cutAt(one);
    return one;
  });
  expect((heap() - before) / 1e6).toBeLessThan(2);
  expect(held).toHaveLength(20);
});

test('cutting again changes nothing', () => {
  const one = span({ attributes: { a: mb, b: nested(20), c: [mb] } });
  cut(one);
  const once = structuredClone(one.attributes);
  cut(one);
  expect(one.attributes).toEqual(once);
});

test.each([
  [
    'a getter',
    {
      get a() {
        throw new Error('getter');
      },
    },
  ],
  [
    'a proxy',
    new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('trap');
        },
      },
    ),
  ],
])('%s that throws reaches nobody', (_what, attributes) => {
  expect(() => cut(span({ attributes }))).not.toThrow();
});

const jwt = `eyJhbGciOiJIUzI1NiJ9.${'cGF5bG9hZA'.repeat(40)}.c2lnbmF0dXJl`;
const card = '4111 1111 1111 1111';

describe.each([
  ['a token', `Bearer ${jwt}`, /cGF5/],
  ['a token in JSON', `{"x":"${jwt}"}`, /cGF5/],
  ['a password', 'password=hunter2hunter2hunter2', /hunt/],
  ['a quoted password', '"password": "correct horse battery staple"', /horse|battery|staple/],
  ['user and password of a URL', 'https://admin:sw0rdfish@db.example.com/x?y=1', /sw0r|admin/],
  ['a password with a delimiter in a URL', 'postgres://admin:sw0r&dfish@db.example.com/x', /sw0r|admin/],
  ['a query', 'GET /a?b=1&token=s3cr3tvalue&c=2', /s3cr/],
  ['a card', `card ${card}`, /4111/],
  ['a key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEabcd\nMIIEefgh\n-----END RSA PRIVATE KEY-----', /MIIE/],
  ['an address', 'mail to jane.doe@example.com please', /jane/],
  ['a key of a cloud', 'with AKIAIOSFODNN7EXAMPLE in it', /AKIA/],
])('%s at the edge never leaks a part', (_what, secret, leak) => {
  // The edge goes through every character of it, cut by us or, blindly, by the SDK.
  test.each([
    ['by us', TEXT_LIMIT],
    ['by the SDK', 8_192],
  ])('cut %s', (_by, limit) => {
    for (let inside = 1; inside <= secret.length + 1; inside++) {
      const whole = `${'lorem ipsum '.repeat(2_000).slice(0, limit - inside - 1)} ${secret}${' tail'.repeat(9_000)}`;
      const one = span({ attributes: { a: limit < TEXT_LIMIT ? whole.substring(0, limit) : whole } });
      createCutter(limit)(one);
      const shown = String(hide(one).attributes.a);
      expect([inside, shown.length > limit - 1_000, leak.test(shown)]).toEqual([inside, true, false]);
    }
  });
});

test.each([
  ['https://host/a?b=1&token=s3cr3tvalue', /s3cr/],
  [`https://host/a?b=1&x=${jwt}`, /cGF5/],
  ['https://admin:sw0rdfish@host/a', /sw0r|admin/],
])('a URL that is cut anywhere shows no part of a secret: %s', (url, leak) => {
  for (let limit = 10; limit < url.length; limit++) {
    const one = span({ attributes: { 'url.full': url.substring(0, limit) } });
    createCutter(limit)(one);
    expect([limit, leak.test(String(hide(one).attributes['url.full']))]).toEqual([limit, false]);
  }
});

test('a text without delimiters is cut at the edge, and never through a character', () => {
  expect(cutText('x'.repeat(50_000), 16_384)).toHaveLength(16_384);
  expect(cutText('😀'.repeat(20_000), 16_383)).toBe('😀'.repeat(8_191));
  expect(cutText('word '.repeat(9_000), 16_384).length).toBeGreaterThan(16_370);
});
