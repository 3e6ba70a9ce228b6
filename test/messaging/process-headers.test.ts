// Messages of any broker, of which the headers are known.
import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { beforeEach, expect, test, vi } from 'vitest';
import { type Carrier, carriers, processHeaders, TimeoutError } from '../../src/messaging/index.ts';
import { spanId, takeSpan, takeSpans, traceId, traceparent } from './traced.ts';

beforeEach(() => void takeSpans());

const options = { name: 'order.ship' };
async function parentBy<C>(carrier: Carrier<C>, headers: C | undefined): Promise<string | undefined> {
  expect(await processHeaders(carrier, headers, options, () => 'done')).toBe('done');
  const span = takeSpan();
  expect(span.attributes['messaging.context.source']).toBe(span.parentSpanContext ? 'header' : 'none');
  return span.parentSpanContext?.traceId;
}

const nats = (values: Record<string, string[]>) => ({
  get: (key: string) => values[key]?.[0] ?? '',
  values: (key: string) => values[key] ?? [],
  set() {},
  keys: () => Object.keys(values),
});

test('case 34: Watermill’s metadata; its older ids where they are asked for; then nothing', async () => {
  const uuid = { _watermill_message_uuid: 'u-1' };
  expect(await parentBy(carriers.watermill, { ...uuid, traceparent })).toBe(traceId);
  const older = { ...uuid, trace_id: traceId, span_id: spanId };
  expect(await parentBy(carriers.watermill, older)).toBeUndefined();
  expect(await parentBy(carriers.watermillLegacy, older)).toBe(traceId);
  expect(await parentBy(carriers.watermillLegacy, uuid)).toBeUndefined();
});

test('case 42: headers of Kafka, AMQP, NATS and BullMQ', async () => {
  expect(await parentBy(carriers.kafka, { traceparent: Buffer.from(traceparent) })).toBe(traceId);
  expect(await parentBy(carriers.kafka, { traceparent: [Buffer.from(traceparent)] })).toBe(traceId);
  expect(await parentBy(carriers.amqp, { traceparent, 'x-death': [{ count: 2 }] })).toBe(traceId);
  expect(await parentBy(carriers.nats, nats({ Traceparent: [traceparent] }))).toBe(traceId);
  expect(await parentBy(carriers.bullmq, { telemetry: { metadata: JSON.stringify({ traceparent }) } })).toBe(traceId);
});

test('case 42: what is broken is ignored, and the handler runs', async () => {
  expect(await parentBy(carriers.kafka, { traceparent: [traceparent, traceparent] })).toBeUndefined();
  expect(await parentBy(carriers.kafka, undefined)).toBeUndefined();
  expect(await parentBy(carriers.amqp, { traceparent: { nested: traceparent } })).toBeUndefined();
  expect(await parentBy(carriers.nats, nats({ traceparent: [traceparent, traceparent] }))).toBeUndefined();
  expect(await parentBy(carriers.bullmq, { telemetry: { metadata: '{"traceparent":' } })).toBeUndefined();
  expect(await parentBy(carriers.textMap, null as unknown as Record<string, string>)).toBeUndefined();
  const trap = new Proxy(
    {},
    {
      get: () => {
        throw new Error('trap');
      },
    },
  );
  expect(await parentBy(carriers.textMap, trap)).toBeUndefined();
});

test('case 42: a header that cannot be read is none to the handler', async () => {
  const trap = new Proxy<Record<string, string>>(
    { tenant: 'acme' },
    {
      get: () => {
        throw new Error('trap');
      },
    },
  );
  // That it is one: otherwise nothing here could throw.
  expect(() => carriers.textMap.get(trap, 'tenant')).toThrow('trap');
  const read = processHeaders(carriers.textMap, trap, options, ({ message }) => [message.attribute('tenant')]);
  expect(await read).toEqual([undefined]);
});

test('the span says what is known of the message', async () => {
  const known = { ...options, system: 'kafka', destination: 'orders', messageId: '7', attempt: 2, maxReceiveCount: 2 };
  const failing = processHeaders(
    carriers.kafka,
    { traceparent, tenant: 'acme' },
    { ...known, tenant: (m) => m.attribute('tenant') },
    () => {
      throw new Error('no stock');
    },
  );
  await expect(failing).rejects.toThrow('no stock');
  const { attributes } = takeSpan();
  expect(attributes).toMatchObject({
    'messaging.system': 'kafka',
    'messaging.system.name': 'kafka',
    'messaging.destination.name': 'orders',
    'messaging.message.id': '7',
    'job.attempt': 2,
    'job.outcome': 'dead_letter',
    'tenant.id': 'acme',
  });
  expect(attributes['aws.sqs.message.receive_count']).toBeUndefined();
  expect(attributes['messaging.delivered_via']).toBeUndefined();
});

test.each([
  ['in the message’s trace', {}, true],
  ['about its destination', { 'messaging.destination.name': 'orders' }, false],
])('a broker’s own span %s gets name and attributes, and is not doubled or ended', async (_, attributes, remote) => {
  const tracer = trace.getTracer('@opentelemetry/instrumentation-kafkajs');
  const parent = { traceId, spanId, traceFlags: 1, isRemote: true };
  const from = remote ? trace.setSpanContext(context.active(), parent) : context.active();
  const body = async (theirs: Span) => {
    const seen = await processHeaders(
      carriers.kafka,
      { traceparent },
      { ...options, destination: 'orders' },
      (scope) => scope.span,
    );
    expect(seen).toBe(theirs);
    expect(takeSpans()).toEqual([]);
    theirs.end();
  };
  const how = { kind: SpanKind.CONSUMER, attributes };
  await tracer.startActiveSpan('orders process', how, from, body);
  const span = takeSpan();
  expect(span.name).toBe('order.ship');
  expect(span.attributes).toMatchObject({ 'job.type': 'order.ship', 'job.outcome': 'success' });
});

test.each<[string, () => Promise<unknown>]>([
  ['with success', () => Promise.resolve()],
  ['with an error', () => Promise.reject(new Error('too late to matter'))],
])('case 32: what was given up stays so on a broker’s own span, also when the handler ends late %s', async (_, end) => {
  vi.useFakeTimers();
  try {
    const classifyError = vi.fn(() => ({ dependency: 'bank' }));
    const how = { kind: SpanKind.CONSUMER, attributes: { 'messaging.destination.name': 'orders' } };
    const theirs = trace.getTracer('@opentelemetry/instrumentation-kafkajs').startSpan('orders process', how);
    let finish = () => {};
    const late = new Promise<void>((resolve) => {
      finish = resolve;
    }).then(end);
    const running = context.with(trace.setSpan(context.active(), theirs), () =>
      processHeaders(
        carriers.kafka,
        {},
        { ...options, destination: 'orders', timeoutMs: 1_000, classifyError },
        () => late,
      ),
    );
    const outcome = expect(running).rejects.toThrow(TimeoutError);
    vi.advanceTimersByTime(1_000);
    await outcome;
    finish();
    await late.catch(() => {});
    expect(theirs.isRecording()).toBe(true);
    theirs.end();
    const span = takeSpan();
    expect(span.attributes).toMatchObject({ 'job.outcome': 'retry', 'error.type': 'timeout' });
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.events.map((event) => event.name)).toEqual(['exception']);
    expect(classifyError).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  [
    'of many messages',
    {
      kind: SpanKind.CONSUMER,
      attributes: { 'messaging.destination.name': 'orders', 'messaging.batch.message_count': 3 },
    },
  ],
  [
    'of a receive',
    {
      kind: SpanKind.CONSUMER,
      attributes: { 'messaging.destination.name': 'orders', 'messaging.operation.type': 'receive' },
    },
  ],
  ['of another destination', { kind: SpanKind.CONSUMER, attributes: { 'messaging.destination.name': 'payments' } }],
  ['of the app', { kind: SpanKind.INTERNAL, attributes: { 'messaging.destination.name': 'orders' } }],
])('a span %s is a link', async (_, how) => {
  await trace.getTracer('broker').startActiveSpan('theirs', how, async (theirs) => {
    await processHeaders(carriers.kafka, { traceparent }, { ...options, destination: 'orders' }, () => {});
    const span = takeSpan();
    expect(span.links.map((link) => link.context.spanId)).toEqual([theirs.spanContext().spanId]);
    theirs.end();
  });
});
