// What Lambda is handed by SNS and EventBridge without a queue in between.
import { SpanKind } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  deadLetterEntry,
  type MessageView,
  processBatch,
  processMessage,
  type QueueMessage,
  tracedHandler,
} from '../../src/messaging/index.ts';
import {
  event,
  notification,
  ownXray,
  spanId,
  takeSpan,
  takeSpans,
  text,
  traceId,
  traceparent,
  xray,
} from './traced.ts';

beforeEach(() => void takeSpans());
afterEach(() => {
  delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  delete process.env._X_AMZN_TRACE_ID;
});
/** What Lambda has started the function with. */
const startedWith = (header: string) =>
  Object.assign(process.env, { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: header });

const carried = { traceparent: { Type: 'String', Value: traceparent }, tenant: { Type: 'String', Value: 'acme' } };
const ofSns = (Message = '{"order":7}', attributes: object | null = carried) => ({
  EventSource: 'aws:sns',
  EventVersion: '1.0',
  EventSubscriptionArn: 'arn:aws:sns:eu-central-1:123456789012:orders:1',
  Sns: JSON.parse(notification(Message, attributes ?? undefined)) as object,
});
const ofEventBridge = (more: object = {}) => ({
  ...(JSON.parse(event({ order: 7 })) as { source: string; detail: { order: number } }),
  time: '2026-11-21T08:00:00Z',
  ...more,
});
const options = { name: 'order.ship', tenant: (message: MessageView) => message.attribute('tenant') };
const seen = () => {
  const { parentSpanContext: parent, attributes, links, kind } = takeSpan();
  expect(kind).toBe(SpanKind.CONSUMER);
  return { parent: parent && `${parent.traceId} ${parent.spanId} ${parent.traceFlags}`, links, attributes };
};
const producer = `${traceId} ${spanId} 1`;

test.each<[string, (handler: (message: MessageView) => unknown) => Promise<unknown>]>([
  ['processMessage, the record', (handler) => processMessage(ofSns(), options, ({ message }) => handler(message))],
  [
    'processMessage, the event',
    (handler) => processMessage({ Records: [ofSns()] }, options, ({ message }) => handler(message)),
  ],
  [
    'processBatch, the event',
    (handler) => processBatch({ Records: [ofSns()] }, options, (_, { message }) => handler(message)),
  ],
  ['tracedHandler', (handler) => tracedHandler(options, (_, { message }) => handler(message))({ Records: [ofSns()] })],
])('a notification of SNS continues the trace: %s', async (_, run) => {
  let told: unknown[] = [];
  await run((message) => {
    told = [message.id, message.body, message.json(), message.attribute('tenant'), message.sentAt?.toISOString()];
  });
  expect(told).toEqual(['n-1', '{"order":7}', { order: 7 }, 'acme', '2026-11-21T08:00:00.000Z']);
  const { parent, attributes } = seen();
  expect(parent).toBe(producer);
  expect(attributes).toMatchObject({
    'messaging.system': 'aws.sns',
    'messaging.system.name': 'aws.sns',
    'messaging.destination.name': 'orders',
    'messaging.message.id': 'n-1',
    'messaging.delivered_via': 'sns',
    'messaging.context.source': 'sns_envelope',
    'tenant.id': 'acme',
  });
  expect(attributes).not.toHaveProperty('aws.sqs.message.receive_count');
});

test.each<[string, (handler: (message: MessageView) => unknown) => Promise<unknown>]>([
  ['processMessage', (handler) => processMessage(ofEventBridge(), options, ({ message }) => handler(message))],
  ['processBatch', (handler) => processBatch(ofEventBridge(), options, (_, { message }) => handler(message))],
  ['tracedHandler', (handler) => tracedHandler(options, (_, { message }) => handler(message))(ofEventBridge())],
])('an event of EventBridge continues the trace by the header of the function: %s', async (_, run) => {
  startedWith(ownXray(1, 0));
  let told: unknown[] = [];
  await run((message) => {
    told = [message.id, JSON.parse(message.body ?? ''), message.json(), message.payload(), message.sentAt?.getTime()];
  });
  expect(told).toEqual(['e-1', ofEventBridge(), { order: 7 }, '{"order":7}', Date.UTC(2026, 10, 21, 8)]);
  const { parent, attributes } = seen();
  expect(parent).toBe(producer);
  expect(attributes).toMatchObject({
    'messaging.system': 'aws.eventbridge',
    'messaging.message.id': 'e-1',
    'messaging.delivered_via': 'eventbridge',
    'messaging.context.source': 'aws_trace_header',
  });
});

const linked = { parent: undefined, links: [{ context: { traceId } }] };
test.each<[string, string | undefined, object, object]>([
  ['an event, started with a sampled header', xray(1), ofEventBridge(), { parent: producer }],
  ['an event, started with one that is not sampled', xray(0), ofEventBridge(), linked],
  ['an event of AWS itself, whatever the header', xray(1), ofEventBridge({ source: 'aws.events' }), linked],
  ['an event, outside of Lambda', undefined, ofEventBridge(), { parent: undefined, links: [] }],
  ['a notification without attributes', xray(1), ofSns('paid', null), linked],
  ['a notification without attributes, of ours', ownXray(1), ofSns('paid', null), { parent: producer }],
  ['a notification of an event', xray(1), ofSns(event({}), null), { parent: producer }],
])('case 27: %s', async (_, header, message, expected) => {
  if (header !== undefined) startedWith(header);
  await processMessage(message as QueueMessage, options, () => {});
  expect(seen()).toMatchObject(expected);
});

test('a record of SQS has nothing to do with the header of the function', async () => {
  startedWith(xray(1));
  await processMessage({ messageId: 'm', body: event({}), attributes: {} }, options, () => {});
  expect(seen()).toMatchObject({ parent: undefined, links: [] });
});

test('who has no answer to give gets the error, so that Lambda tries again', async () => {
  const error = new Error('no stock');
  const fail = () => Promise.reject(error);
  for (const failing of [ofEventBridge(), { Records: [ofSns()] }]) {
    await expect(processBatch<QueueMessage>(failing, options, fail)).rejects.toBe(error);
  }
  const two = processBatch({ Records: [ofSns(), ofSns()] }, options, fail);
  await expect(two).rejects.toMatchObject({ name: 'AggregateError', errors: [error, error] });
  expect(takeSpans().map(({ name, status }) => [name, status.code])).toEqual(Array(4).fill(['order.ship', 2]));
});

test('a call with one message has no span for the batch, unless it is asked for', async () => {
  expect(await processBatch(ofEventBridge(), options, () => {})).toEqual({ batchItemFailures: [] });
  expect(takeSpans()).toHaveLength(1);
  await processBatch({ Records: [ofSns()] }, { ...options, batchSpan: true }, () => {});
  const [, batch] = takeSpans();
  expect([batch?.name, batch?.attributes['messaging.system']]).toEqual(['process orders', 'aws.sns']);
  expect(batch?.links.map(({ context }) => context.traceId)).toEqual([traceId]);
});

test('the handler gets the event as it is, and what Lambda passes beside it', async () => {
  const given = { Records: [ofSns()] };
  const handler = tracedHandler(options, (message: object, _, context: { functionName: string }) => [message, context]);
  const context = { functionName: 'f' };
  const [message, same] = await handler(given, context);
  expect(message).toBe(given);
  expect(same).toBe(context);
  // A handler of Lambda that takes three arguments would be one with a callback.
  expect(handler.length).toBeLessThan(3);
});

test('business data that looks a little like it is neither', async () => {
  for (const message of [
    { Sns: { Message: 'x', MessageAttributes: carried } },
    { Sns: null },
    { 'detail-type': 'order', detail: {} },
    { Records: [ofSns(), ofSns()] },
    { Records: [null] },
    { Records: 7 },
  ]) {
    await processMessage(message as never, options, () => {});
    expect(seen()).toMatchObject({ parent: undefined, attributes: { 'messaging.context.source': 'none' } });
  }
});

test('what a rule has made of its event, or another service sends, is handled, and its error told to Lambda', async () => {
  const upload = { eventSource: 'aws:s3', s3: { object: { key: 'k' } } };
  for (const given of [{ order: 7 }, { Records: [upload] }, { Records: [upload, upload] }]) {
    const handled: unknown[] = [];
    expect(await processBatch<object>(given, options, (one) => handled.push(one))).toEqual({ batchItemFailures: [] });
    expect(handled).toEqual('Records' in given ? given.Records : [given]);
    await expect(processBatch<object>(given, options, () => Promise.reject(new Error('no')))).rejects.toThrow();
  }
  const spans = takeSpans().map(({ name, attributes }) => [name, attributes['messaging.system']]);
  const [rule, uploaded] = [
    ['order.ship', 'aws_sqs'],
    ['order.ship', undefined],
  ];
  expect(spans).toEqual([rule, rule, ...Array(6).fill(uploaded)]);
});

test('what is given up can be sent into a dead-letter queue, attributes and all', () => {
  const blob = { Type: 'Binary', Value: Buffer.from([0, 255]).toString('base64') };
  const entry = deadLetterEntry(ofSns('paid', { ...carried, blob }), { error: 'no stock' });
  expect(entry).toEqual({
    MessageBody: 'paid',
    MessageAttributes: {
      traceparent: text(traceparent),
      tenant: text('acme'),
      blob: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
      dlq_error: text('no stock'),
      dlq_source: text('orders'),
    },
  });
  expect(JSON.parse(deadLetterEntry(ofEventBridge()).MessageBody)).toEqual(ofEventBridge());
});
