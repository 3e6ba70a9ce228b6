// Spans of every shape for the decoder and server tests, in the form the official serializers take.
import { type Attributes, type Link, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

export const resource = resourceFromAttributes({ 'service.name': 'shop-api', 'process.pid': 4711 });
export const scope = { name: 'test-scope', version: '1.2.3' };

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');
export const traceIdOf = (n: number) => hex(n, 32);
export const spanIdOf = (n: number) => hex(n, 16);

/** `Attributes` does not know bytes, maps and null; the serializers do. */
export const everyValue = {
  string: 'héllo ✓ 漢字 \u{1f600}',
  empty: '',
  yes: true,
  no: false,
  zero: 0,
  small: 300,
  negative: -7,
  int32: 2 ** 31,
  above32: 2 ** 33 + 5,
  minSafe: Number.MIN_SAFE_INTEGER,
  large: 2 ** 60,
  veryNegative: -(2 ** 62),
  double: 3.25,
  negativeDouble: -0.001,
  bytes: new Uint8Array([0, 1, 254, 255]),
  strings: ['a', '', 'ü'],
  mixed: [1, 'two', false, null, [3, [4]]],
  nothing: null,
  map: { a: 1, deep: { b: [true, { c: 'x' }], none: null }, empty: {} },
  emptyList: [],
} as unknown as Attributes;

export function readable(
  over: Partial<ReadableSpan> & { n?: number; parent?: number; remote?: boolean } = {},
): ReadableSpan {
  const { n = 1, parent, remote, ...rest } = over;
  const traceId = traceIdOf(0xabcdef);
  return {
    name: `span ${n}`,
    kind: SpanKind.SERVER,
    spanContext: () => ({ traceId, spanId: spanIdOf(n), traceFlags: TraceFlags.SAMPLED }),
    ...(parent === undefined
      ? {}
      : { parentSpanContext: { traceId, spanId: spanIdOf(parent), traceFlags: 1, isRemote: remote ?? false } }),
    startTime: [1_763_700_000 + n, 123_456_789],
    endTime: [1_763_700_001 + n, 999_999_999],
    duration: [1, 0],
    status: { code: SpanStatusCode.UNSET },
    attributes: {},
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...rest,
  };
}

/** One span with everything, one with nothing, and two more of other kinds. */
export function everySpan(): ReadableSpan[] {
  const traceState = new TraceState('vendor=one,other=two');
  const event: TimedEvent = {
    name: 'exception',
    time: [1_763_700_002, 5],
    attributes: everyValue,
    droppedAttributesCount: 3,
  };
  const link: Link = {
    context: { traceId: traceIdOf(77), spanId: spanIdOf(78), traceFlags: 0, isRemote: true, traceState },
    attributes: { why: 'batch', count: -1 },
    droppedAttributesCount: 2,
  };
  const full = readable({
    n: 2,
    parent: 1,
    remote: true,
    kind: SpanKind.CONSUMER,
    attributes: everyValue,
    status: { code: SpanStatusCode.ERROR, message: 'käputt' },
    events: [event, { name: 'plain', time: [0, 1] }],
    links: [link, { context: { traceId: traceIdOf(79), spanId: spanIdOf(80), traceFlags: 1 } }],
    droppedAttributesCount: 1000,
    droppedEventsCount: 20,
    droppedLinksCount: 3,
    spanContext: () => ({ traceId: traceIdOf(0xabcdef), spanId: spanIdOf(2), traceFlags: 1, traceState }),
  });
  return [
    readable(),
    full,
    readable({
      n: 3,
      parent: 2,
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.OK },
      instrumentationScope: { name: 'pg' },
    }),
    readable({
      n: 4,
      parent: 2,
      kind: SpanKind.PRODUCER,
      resource: resourceFromAttributes({ 'service.name': 'other' }),
    }),
    readable({ n: 5, parent: 2, kind: SpanKind.INTERNAL }),
  ];
}
