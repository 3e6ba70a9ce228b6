import { type Context, context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Carrier, carriers, extractHeaders, injectHeaders } from '../../src/messaging/carriers.ts';
import { createPropagator } from '../../src/provider/propagation.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;
const inSpan = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 });
const withState = trace.setSpanContext(ROOT_CONTEXT, {
  traceId,
  spanId,
  traceFlags: 1,
  traceState: new TraceState('a=1'),
});
const string = (StringValue: string) => ({ DataType: 'String', StringValue });

beforeAll(() => void propagation.setGlobalPropagator(createPropagator(['tracecontext', 'baggage'])));

/** Enough of `MsgHdrs`: several values a key, and a `get` that minds the case. */
function natsHeaders(entries: [string, string][]) {
  const all = new Map<string, string[]>();
  for (const [key, value] of entries) all.set(key, [...(all.get(key) ?? []), value]);
  return {
    get: (key: string) => all.get(key)?.[0] ?? '',
    set: (key: string, value: string) => void all.set(key, [value]),
    keys: () => [...all.keys()],
    values: (key: string) => all.get(key) ?? [],
    delete: (key: string) => void all.delete(key),
  };
}

function read<C>(carrier: Carrier<C>, from: unknown): string | undefined {
  const found = trace.getSpanContext(extractHeaders(carrier, from as C));
  return found && `${found.traceId} ${found.spanId} ${found.traceFlags} ${found.isRemote}`;
}
const ours = `${traceId} ${spanId} 1 true`;

describe('case 42: what a broker hands on is read', () => {
  test.each<[string, Carrier<never>, unknown]>([
    ['an SQS attribute', carriers.sqs, { traceparent: string(traceparent) }],
    ['case 21: one with a capital', carriers.sqs, { Traceparent: string(traceparent) }],
    [
      'case 21: a binary one',
      carriers.sqs,
      { traceparent: { DataType: 'Binary', BinaryValue: Buffer.from(traceparent) } },
    ],
    [
      'case 21: that of a Lambda record',
      carriers.sqs,
      { traceparent: { stringValue: traceparent, dataType: 'String' } },
    ],
    [
      'case 21: a binary one there',
      carriers.sqs,
      { traceparent: { binaryValue: Buffer.from(traceparent).toString('base64') } },
    ],
    ['one in an SNS envelope', carriers.sns, { traceparent: { Type: 'String', Value: traceparent } }],
    [
      'a binary one there',
      carriers.sns,
      { traceparent: { Type: 'Binary', Value: Buffer.from(traceparent).toString('base64') } },
    ],
    ['a Kafka Buffer', carriers.kafka, { traceparent: Buffer.from(traceparent) }],
    ['a Kafka array of one Buffer', carriers.kafka, { TraceParent: [Buffer.from(traceparent)] }],
    ['an AMQP table', carriers.amqp, { 'x-death': [{ count: 1 }], traceparent: ` ${traceparent}\n` }],
    ['a NATS header', carriers.nats, natsHeaders([['Traceparent', traceparent]])],
    ['BullMQ metadata', carriers.bullmq, { telemetry: { metadata: JSON.stringify({ traceparent }) } }],
    ['case 34: Watermill metadata', carriers.watermill, { traceparent, _watermill_message_uuid: 'u' }],
    ['case 34: the legacy ids, when asked', carriers.watermillLegacy, { trace_id: traceId, span_id: spanId }],
    ['W3C before the legacy ids', carriers.watermillLegacy, { traceparent, trace_id: 'f'.repeat(32), span_id: spanId }],
    ['case 19: version 01 with more fields', carriers.textMap, { traceparent: `01-${traceId}-${spanId}-01-what-else` }],
  ])('%s', (_, carrier, from) => {
    expect(read(carrier, from)).toBe(ours);
  });

  test('two tracestates are one list', () => {
    const from = { traceparent: [traceparent], tracestate: [Buffer.from('a=1'), 'b=2'] };
    const found = extractHeaders(carriers.kafka, from);
    expect(trace.getSpanContext(found)?.traceState?.serialize()).toBe('a=1,b=2');
  });

  test('of a context that is active, nothing is taken', () => {
    context.with(inSpan, () => expect(extractHeaders(carriers.kafka, {})).toBe(ROOT_CONTEXT));
  });
});

describe('case 18: what is malformed is no context, and nothing throws', () => {
  const trap = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('trap');
      },
      get: () => {
        throw new Error('trap');
      },
    },
  );
  test.each<[string, Carrier<never>, unknown]>([
    ['garbage', carriers.textMap, { traceparent: 'garbage' }],
    ['zeros', carriers.textMap, { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }],
    ['version ff', carriers.textMap, { traceparent: `ff-${traceId}-${spanId}-01` }],
    ['54 characters', carriers.textMap, { traceparent: traceparent.slice(1) }],
    ['upper case hex', carriers.textMap, { traceparent: traceparent.toUpperCase() }],
    ['two values in one', carriers.textMap, { traceparent: `${traceparent},${traceparent}` }],
    ['two Kafka values', carriers.kafka, { traceparent: [Buffer.from(traceparent), Buffer.from(traceparent)] }],
    [
      'two NATS values',
      carriers.nats,
      natsHeaders([
        ['traceparent', traceparent],
        ['traceparent', traceparent],
      ]),
    ],
    ['a text without end', carriers.textMap, { traceparent: traceparent + ' '.repeat(10_000) }],
    ['arrays in arrays', carriers.kafka, { traceparent: [[traceparent]] }],
    ['a number', carriers.amqp, { traceparent: 7 }],
    ['a table', carriers.amqp, { traceparent: { traceparent } }],
    [
      'a getter that throws',
      carriers.sqs,
      Object.defineProperty({}, 'traceparent', {
        enumerable: true,
        get() {
          throw new Error('x');
        },
      }),
    ],
    ['an object that throws', carriers.textMap, trap],
    [
      'a broker object that throws',
      carriers.nats,
      {
        keys: () => {
          throw new Error('x');
        },
      },
    ],
    ['no object', carriers.sqs, 'text'],
    ['nothing', carriers.sqs, undefined],
    ['null', carriers.bullmq, null],
    ['broken BullMQ JSON', carriers.bullmq, { telemetry: { metadata: '{"traceparent":' } }],
    ['a BullMQ array', carriers.bullmq, { telemetry: { metadata: JSON.stringify([traceparent]) } }],
    ['what an object has from its class', carriers.textMap, Object.create({ traceparent })],
    ['case 34: legacy ids without asking', carriers.watermill, { trace_id: traceId, span_id: spanId }],
    ['legacy ids that are none', carriers.watermillLegacy, { trace_id: 'x', span_id: spanId }],
    ['half of the legacy ids', carriers.watermillLegacy, { trace_id: traceId }],
  ])('%s', (_, carrier, from) => {
    expect(read(carrier, from)).toBeUndefined();
  });
});

describe('context is written', () => {
  test.each<[string, Carrier<never>, object, object]>([
    [
      'SQS',
      carriers.sqs,
      { n: { DataType: 'Number', StringValue: '1' } },
      { n: { DataType: 'Number', StringValue: '1' }, traceparent: string(traceparent) },
    ],
    ['Kafka, where there are no headers yet', carriers.kafka, {}, { traceparent }],
    [
      'AMQP, over a stale one of any case',
      carriers.amqp,
      { TraceParent: 'old', TRACESTATE: 'old=1', deep: { a: 1 } },
      { traceparent, deep: { a: 1 } },
    ],
    [
      'BullMQ, beside what is there',
      carriers.bullmq,
      { attempts: 3, telemetry: { metadata: '{"a":"1"}', omitContext: true } },
      { attempts: 3, telemetry: { metadata: `{"a":"1","traceparent":"${traceparent}"}`, omitContext: true } },
    ],
    [
      'BullMQ that is not JSON stays as it is',
      carriers.bullmq,
      { telemetry: { metadata: 'broken{' } },
      { telemetry: { metadata: 'broken{' } },
    ],
  ])('%s', (_, carrier, into, expected) => {
    expect(injectHeaders(carrier, into as never, { context: inSpan })).toEqual(expected);
    expect(into).toEqual(expected);
  });

  test('NATS: over a stale one', () => {
    const headers = natsHeaders([
      ['Traceparent', 'old'],
      ['a', '1'],
      ['a', '2'],
    ]);
    injectHeaders(carriers.nats, headers, { context: inSpan });
    expect(headers.keys().map((key) => headers.values(key))).toEqual([['1', '2'], [traceparent]]);
    const several = natsHeaders(['traceparent', 'Traceparent', 'TRACEPARENT'].map((key) => [key, 'old']));
    expect(injectHeaders(carriers.nats, several, { context: inSpan }).keys()).toEqual(['traceparent']);
  });

  test('what goes in comes out, state and all', () => {
    const found = extractHeaders(carriers.kafka, injectHeaders(carriers.kafka, {}, { context: withState }));
    expect(trace.getSpanContext(found)).toMatchObject({ traceId, spanId, traceFlags: 1, isRemote: true });
    expect(trace.getSpanContext(found)?.traceState?.get('a')).toBe('1');
  });

  test.each([
    [8, ['traceparent', 'tracestate']],
    [9, ['traceparent']],
    [10, []],
  ])('with %i attributes of the app, %j are added', (count, added) => {
    const into = Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, string('x')]));
    injectHeaders(carriers.sqs, into, { context: withState });
    expect(Object.keys(into).slice(count)).toEqual(added);
  });

  test('case 35: Watermill is left one attribute for itself', () => {
    const into = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`a${i}`, 'x']));
    expect(Object.keys(injectHeaders(carriers.watermill, into, { context: withState }))).toHaveLength(9);
  });

  test('baggage stays at home unless it is asked for, by name if so wished', () => {
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' }, email: { value: 'a@b' } });
    const from = propagation.setBaggage(inSpan, baggage);
    const sent = (choice?: boolean | string[]) =>
      injectHeaders<Record<string, string>>(carriers.textMap, {}, { context: from, baggage: choice ?? false }).baggage;
    expect(injectHeaders(carriers.textMap, {}, { context: from })).toEqual({ traceparent });
    expect(sent(['tenant'])).toBe('tenant=acme');
    expect(sent(['other'])).toBeUndefined();
    expect(sent(true)).toBe('tenant=acme,email=a%40b');
  });

  test('baggage that the app itself has put in stays', () => {
    expect(injectHeaders(carriers.textMap, { baggage: 'own=1' }, { context: inSpan })).toEqual({
      baggage: 'own=1',
      traceparent,
    });
  });

  test('without a span, what is there stays as it is', () => {
    expect(injectHeaders(carriers.textMap, { traceparent: 'own' }, { context: ROOT_CONTEXT })).toEqual({
      traceparent: 'own',
    });
  });

  test('H1: an empty value of a careless propagator is never set', () => {
    const careless = {
      inject: (_: unknown, c: Record<string, string>) => void Object.assign(c, { traceparent, tracestate: '' }),
      extract: (c: Context) => c,
      fields: () => ['traceparent', 'tracestate'],
    };
    propagation.disable();
    propagation.setGlobalPropagator(careless as never);
    const injected = injectHeaders(carriers.sqs, {}, { context: inSpan });
    propagation.disable();
    propagation.setGlobalPropagator(createPropagator(['tracecontext', 'baggage']));
    expect(injected).toEqual({ traceparent: string(traceparent) });
  });

  test.each<[string, unknown]>([
    ['frozen', Object.freeze({ traceparent: 'old' })],
    ['undefined', undefined],
    ['null', null],
    ['a text', 'text'],
  ])('into what is %s, nothing is written and nothing thrown', (_, into) => {
    expect(injectHeaders(carriers.textMap, into as Record<string, string>, { context: inSpan })).toBe(into);
  });
});
