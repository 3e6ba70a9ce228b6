import { describe, expect, test } from 'vitest';
import { emptyEvent, emptyLink, emptySpan, type ReceivedSpan } from '../../src/receiver/received-span.ts';
import { type SpanTreeOptions, spanTree } from '../../src/testing/span-tree.ts';

interface Spec extends Partial<Omit<ReceivedSpan, 'parentSpanId'>> {
  id: number;
  parent?: number;
  /** Milliseconds. */
  at?: number;
  took?: number;
  service?: string;
}

function span({ id, parent, at = id, took = 10, service = 'shop-api', ...over }: Spec): ReceivedSpan {
  const start = 1_763_700_000_000_000_000n + BigInt(Math.round(at * 1e6));
  const hex = (n: number) => n.toString(16).padStart(16, '0');
  return {
    ...emptySpan({ 'service.name': service }, { name: 'test', version: '' }),
    traceId: 'a'.repeat(32),
    spanId: hex(id),
    parentSpanId: parent === undefined ? undefined : hex(parent),
    name: `span ${id}`,
    kind: 'internal',
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.round(took * 1e6)),
    ...over,
  };
}

const failed = (message = '') => ({ status: { code: 'error' as const, message } });
const order = [
  span({ id: 1, name: 'POST /orders', kind: 'server', took: 212 }),
  span({
    id: 4,
    parent: 3,
    name: 'POST /charge',
    kind: 'server',
    service: 'payments',
    took: 118,
    ...failed('card declined'),
  }),
  span({ id: 3, parent: 1, name: 'POST', kind: 'client', took: 120 }),
  span({
    id: 2,
    parent: 1,
    name: 'INSERT orders',
    kind: 'client',
    took: 11,
    attributes: { 'db.system.name': 'postgresql' },
  }),
];
const still: SpanTreeOptions = { durations: false, services: false };

test('a trace is a tree with service, duration, system and error, children by start', () => {
  expect(spanTree(order)).toBe(
    [
      'POST /orders         shop-api   212 ms',
      '├─ INSERT orders     shop-api    11 ms   postgresql',
      '└─ POST              shop-api   120 ms',
      '   └─ POST /charge   payments   118 ms   ✕ card declined',
    ].join('\n'),
  );
});

test('without durations and services the text is the same in every run', () => {
  expect(spanTree(order, still)).toBe(
    ['POST /orders', '├─ INSERT orders     postgresql', '└─ POST', '   └─ POST /charge   ✕ card declined'].join('\n'),
  );
});

test('the text does not depend on the order of arrival', () => {
  expect(spanTree([...order].reverse())).toBe(spanTree(order));
});

test('spans of the same start are ordered by name', () => {
  const spans = [
    span({ id: 1 }),
    span({ id: 2, parent: 1, at: 5, name: 'b' }),
    span({ id: 3, parent: 1, at: 5, name: 'a' }),
  ];
  expect(spanTree(spans, still)).toBe('span 1\n├─ a\n└─ b');
});

test.each([
  [0.04, '0.0 ms'],
  [0.42, '0.4 ms'],
  [9.94, '9.9 ms'],
  [9.96, '10 ms'],
  [998.4, '998 ms'],
  [999.6, '1.00 s'],
  [2480, '2.48 s'],
])('%f milliseconds are written %s', (took, text) => {
  expect(spanTree([span({ id: 1, took })], { services: false })).toBe(`span 1   ${text}`);
});

test('chosen attributes are printed where they are, whatever their type', () => {
  const attributes = { route: '/a', n: 2n ** 60n, list: ['x', new Uint8Array(3)], blob: new Uint8Array(4), none: null };
  expect(
    spanTree([span({ id: 1, attributes })], { ...still, attributes: ['route', 'n', 'list', 'blob', 'none', 'absent'] }),
  ).toBe('span 1   route=/a  n=1152921504606846976  list=["x","<3 bytes>"]  blob=<4 bytes>  none=null');
});

describe('an error', () => {
  const exception = {
    ...emptyEvent(),
    name: 'exception',
    attributes: { 'exception.message': 'boom', 'exception.type': 'E' },
  };
  test.each([
    ['the status message', { ...failed('bad'), events: [exception] }, 'bad'],
    ['else the exception', { ...failed(), events: [exception], attributes: { 'error.type': '500' } }, 'boom'],
    [
      'else the HTTP status',
      { ...failed(), attributes: { 'http.response.status_code': 502, 'error.type': '502' } },
      'HTTP 502',
    ],
    ['else the error type', { ...failed(), attributes: { 'error.type': 'ECONNRESET' } }, 'ECONNRESET'],
    ['else just the word', failed(), 'error'],
  ])('is told by %s', (_, over, words) => {
    expect(spanTree([span({ id: 1, ...over })], still)).toBe(`span 1   ✕ ${words}`);
  });

  test('is not what an exception event alone means', () => {
    expect(spanTree([span({ id: 1, events: [exception] })], still)).toBe('span 1');
  });
});

test('slow spans are marked from the threshold on', () => {
  const spans = [span({ id: 1, took: 500 }), span({ id: 2, parent: 1, took: 499 })];
  expect(spanTree(spans, { ...still, slowMs: 500 })).toBe('span 1      ◷ slow\n└─ span 2');
});

test('links name the span they point to when it is there, and count the others', () => {
  const link = (traceId: string, spanId: string) => ({ ...emptyLink(), traceId, spanId });
  const send = span({ id: 1, name: 'send emails', traceId: 'b'.repeat(32) });
  const links = [
    link(send.traceId, send.spanId),
    link('c'.repeat(32), send.spanId),
    link('c'.repeat(32), 'd'.repeat(16)),
  ];
  expect(spanTree([send, span({ id: 2, name: 'process', links })], still)).toBe(
    'send emails\n\nprocess   ↪ send emails  ↪ 2 spans elsewhere',
  );
});

describe('odd traces', () => {
  test('several roots stand one below the other', () => {
    expect(spanTree([span({ id: 2 }), span({ id: 1 }), span({ id: 3, parent: 1 })], still)).toBe(
      'span 1\n└─ span 3\nspan 2',
    );
  });

  test('a span whose parent is missing is shown as a root and says so', () => {
    expect(spanTree([span({ id: 1 }), span({ id: 5, parent: 4 }), span({ id: 6, parent: 5 })], still)).toBe(
      'span 1\nspan 5      ? parent not here\n└─ span 6',
    );
  });

  test('spans that are their own ancestors are shown once', () => {
    expect(spanTree([span({ id: 1, parent: 2 }), span({ id: 2, parent: 1 }), span({ id: 3, parent: 3 })], still)).toBe(
      'span 1      ? its own ancestor\n└─ span 2\nspan 3      ? its own ancestor',
    );
  });

  test('a span that came twice is shown once and says so', () => {
    expect(spanTree([span({ id: 1 }), span({ id: 1 })], still)).toBe('span 1   ? received 2 times');
  });

  test('traces stand apart, the earliest first', () => {
    const later = span({ id: 1, at: 50, traceId: 'b'.repeat(32), name: 'later' });
    expect(spanTree([later, span({ id: 2, at: 1, name: 'first' })], still)).toBe('first\n\nlater');
  });

  test('control characters do not reach the terminal', () => {
    const hostile = span({ id: 1, name: 'a\x1b]52;c;x\x07\nb\u202e', service: 'é\x9b', ...failed('\r\x1b[2J') });
    expect(spanTree([hostile], { durations: false })).toBe(
      'a\\u001b]52;c;x\\u0007\\nb\\u202e   é\\u009b   ✕ \\r\\u001b[2J',
    );
  });

  test('no spans are no text', () => {
    expect(spanTree([])).toBe('');
  });
});

describe('large traces', () => {
  test('many children can be cut, with the count of the rest', () => {
    const spans = [span({ id: 1 }), ...Array.from({ length: 500 }, (_, n) => span({ id: n + 2, parent: 1 }))];
    expect(spanTree(spans, { ...still, maxChildren: 2 })).toBe('span 1\n├─ span 2\n├─ span 3\n└─ … 498 more');
    expect(spanTree(spans, still).split('\n')).toHaveLength(501);
  });

  test('what is cut takes its descendants along', () => {
    const spans = [1, 2, 3].map((id) => span({ id, ...(id > 1 ? { parent: 1 } : {}) }));
    expect(spanTree([...spans, span({ id: 9, parent: 3 })], { ...still, maxChildren: 1 })).toBe(
      'span 1\n├─ span 2\n└─ … 1 more',
    );
  });

  test('a chain of 20,000 spans neither overflows the stack nor grows a line without end', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => span({ id: n + 1, ...(n > 0 ? { parent: n } : {}) }));
    const lines = spanTree(chain).split('\n');
    expect(lines).toHaveLength(20_000);
    expect(lines[41]).toMatch(/^ {120}└─ \(depth 41\) span 42 +shop-api +10 ms$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
  });

  test('one long name does not push the columns of the others away', () => {
    const lines = spanTree([span({ id: 1 }), span({ id: 2, parent: 1, name: 'x'.repeat(300) })]).split('\n');
    expect(lines[0]!.indexOf('shop-api')).toBe(67);
    expect(lines[1]).toBe(`└─ ${'x'.repeat(99)}…   shop-api   10 ms`);
  });
});

test('colours mark errors, slow spans and services, and change no other character', () => {
  const coloured = spanTree(order, { colour: true, slowMs: 200 });
  expect(coloured).toContain('\x1b[31m✕ card declined\x1b[0m');
  expect(coloured).toContain('\x1b[33m212 ms\x1b[0m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  expect(coloured.replaceAll(/\x1b\[\d+m/g, '')).toBe(spanTree(order, { slowMs: 200 }));
});
