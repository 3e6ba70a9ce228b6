// A batch: each message in its own trace, failures one by one, order where the queue has one.
import { setTimeout as sleep } from 'node:timers/promises';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { beforeEach, expect, test } from 'vitest';
import { type BatchOptions, processBatch, type QueueMessage } from '../../src/messaging/index.ts';
import { takeSpans, text } from './traced.ts';

beforeEach(() => void takeSpans());

const hex = (at: number, length: number) => (at + 1).toString(16).padStart(length, '0');
const arn = 'arn:aws:sqs:eu-central-1:123456789012:jobs';
const batchOf = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, at) => ({
    messageId: `m-${at}`,
    body: String(at),
    eventSourceARN: arn,
    messageAttributes: { traceparent: text(`00-${hex(at, 32)}-${hex(at, 16)}-01`) },
    ...more,
  }));
const options = { name: 'order.ship' };
const failing = (...which: number[]) => {
  const seen: number[] = [];
  const handler = async (message: { body: string }) => {
    seen.push(Number(message.body));
    await sleep(1);
    if (which.includes(Number(message.body))) throw new Error(`no ${message.body}`);
  };
  return { seen, handler };
};
const failures = (...which: number[]) => ({ batchItemFailures: which.map((at) => ({ itemIdentifier: `m-${at}` })) });
const taken = () => {
  const spans = takeSpans();
  return {
    batch: spans.find((span) => span.attributes['messaging.batch.message_count'] !== undefined),
    messages: spans.filter((span) => span.name === 'order.ship'),
  };
};

test('case 11: ten messages of ten traces: ten links on the batch, each message in its own trace with a link to the batch', async () => {
  const { handler, seen } = failing();
  expect(await processBatch({ Records: batchOf(10) }, options, handler)).toEqual(failures());
  expect(seen).toHaveLength(10);
  const { batch, messages } = taken();
  expect(batch?.kind).toBe(SpanKind.CONSUMER);
  expect(batch?.name).toBe('process jobs');
  expect(batch?.attributes).toMatchObject({
    'messaging.batch.message_count': 10,
    'messaging.destination.name': 'jobs',
    'messaging.system': 'aws_sqs',
    'messaging.system.name': 'aws.sqs',
  });
  expect(batch?.links.map((link) => [link.context.traceId, link.attributes?.['messaging.message.id']])).toEqual(
    Array.from({ length: 10 }, (_, at) => [hex(at, 32), `m-${at}`]),
  );
  expect(messages.map((span) => span.spanContext().traceId).sort()).toEqual(
    Array.from({ length: 10 }, (_, at) => hex(at, 32)),
  );
  for (const span of messages) {
    expect(span.links.map((link) => link.context.spanId)).toEqual([batch?.spanContext().spanId]);
    expect(span.attributes['messaging.batch.message_count']).toBeUndefined();
  }
});

test('case 12: two of ten fail: these are answered and red, the others and the batch are not', async () => {
  const { handler } = failing(3, 7);
  expect(await processBatch(batchOf(10), options, handler)).toEqual(failures(3, 7));
  const { batch, messages } = taken();
  const red = messages.filter((span) => span.status.code === SpanStatusCode.ERROR);
  expect(red.map((span) => span.attributes['messaging.message.id']).sort()).toEqual(['m-3', 'm-7']);
  expect(messages).toHaveLength(10);
  expect(batch?.status.code).toBe(SpanStatusCode.UNSET);
  expect(batch?.attributes['messaging.batch.failed_count']).toBe(2);
});

const inGroups = (groups: string) =>
  batchOf(groups.length).map((message, at) => ({
    ...message,
    eventSourceARN: `${arn}.fifo`,
    attributes: { MessageGroupId: groups[at] },
  }));

test.each([
  ['its queue says', { eventSourceARN: `${arn}.fifo` }, options],
  ['the destination says', {}, { ...options, destination: 'jobs.fifo' }],
  ['the option says', {}, { ...options, fifo: true }],
  ['its messages say, which are numbered', { eventSourceARN: undefined, attributes: { SequenceNumber: '1' } }, options],
  ['its queue says, of one group', { eventSourceARN: `${arn}.fifo`, attributes: { MessageGroupId: 'g' } }, options],
])(
  'case 13: in order, as %s: after the third of five fails, the rest is answered and not run',
  async (_, more, how) => {
    const { handler, seen } = failing(2);
    expect(await processBatch(batchOf(5, more), how, handler)).toEqual(failures(2, 3, 4));
    expect(seen).toEqual([0, 1, 2]);
    const { batch, messages } = taken();
    expect(messages).toHaveLength(3);
    expect(batch?.attributes).toMatchObject({
      'messaging.batch.failed_count': 3,
      'messaging.batch.skipped_count': 2,
    });
  },
);

test.each<[string, string, number[], BatchOptions['fifo'], number[], number[]]>([
  ['of the group that fails the rest is left, others go on', 'abaab', [0], undefined, [0, 1, 4], [0, 2, 3]],
  ['each group has its own failure', 'abcabc', [1, 3], true, [0, 1, 2, 3, 5], [1, 3, 4]],
  ['the last of a group leaves nothing', 'aabb', [1], 'group', [0, 1, 2, 3], [1]],
  ['where the batch is asked for, all of the rest is left', 'abaab', [1], 'batch', [0, 1], [1, 2, 3, 4]],
])('case 13: in order, one at a time: %s', async (_, groups, fail, fifo, run, back) => {
  const { handler, seen } = failing(...fail);
  const how = { ...options, ...(fifo !== undefined && { fifo }) };
  expect(await processBatch(inGroups(groups), how, handler)).toEqual(failures(...back));
  expect(seen).toEqual(run);
  const { batch, messages } = taken();
  expect(messages.map((span) => span.attributes['messaging.message.id'])).toEqual(run.map((at) => `m-${at}`));
  expect(batch?.attributes['messaging.batch.failed_count']).toBe(back.length);
  expect(batch?.attributes['messaging.batch.skipped_count']).toBe(groups.length - run.length || undefined);
});

test('case 13: where one message does not tell its group, nothing goes on after a failure', async () => {
  const batch = inGroups('abcd').map((message, at) => (at === 3 ? { ...message, attributes: {} } : message));
  const { handler, seen } = failing(1);
  expect(await processBatch(batch, options, handler)).toEqual(failures(1, 2, 3));
  expect(seen).toEqual([0, 1]);
});

test('case 13: where order does not matter, the rest is run', async () => {
  const { handler, seen } = failing(2);
  const fifoQueue = batchOf(5, { eventSourceARN: `${arn}.fifo` });
  expect(await processBatch(fifoQueue, { ...options, fifo: false }, handler)).toEqual(failures(2));
  expect(seen).toHaveLength(5);
});

test.each([
  [undefined, 10],
  [3, 3],
  [1, 1],
  [0, 1],
  [Number.NaN, 1],
  [99, 30],
])('with concurrency %s, %i of 30 run at the same time', async (concurrency, most) => {
  let running = 0;
  let highest = 0;
  await processBatch(batchOf(30), { ...options, ...(concurrency !== undefined && { concurrency }) }, async () => {
    running += 1;
    highest = Math.max(highest, running);
    await sleep(2);
    running -= 1;
  });
  expect(highest).toBe(most);
});

test('a handler that does not settle is answered as failed after its time', async () => {
  const response = await processBatch(batchOf(2), { ...options, timeoutMs: 20 }, (message) =>
    message.messageId === 'm-0' ? new Promise(() => {}) : undefined,
  );
  expect(response).toEqual(failures(0));
});

test('the instrumentation of Lambda has a span for the batch: none of ours, and links to its own', async () => {
  const invocation = trace.getTracer('lambda').startSpan('ship', { attributes: { 'faas.trigger': 'pubsub' } });
  const inside = trace.setSpan(context.active(), invocation);
  await context.with(inside, () => processBatch(batchOf(2), options, () => {}));
  const { batch, messages } = taken();
  expect(batch).toBeUndefined();
  expect(messages.map((span) => span.links[0]?.context.spanId)).toEqual(Array(2).fill(invocation.spanContext().spanId));
  await context.with(inside, () => processBatch(batchOf(2), { ...options, batchSpan: true }, () => {}));
  expect(taken().batch?.parentSpanContext?.spanId).toBe(invocation.spanContext().spanId);
  await processBatch(batchOf(2), { ...options, batchSpan: false }, () => {});
  expect(taken().batch).toBeUndefined();
});

test.each([
  ['no event', undefined],
  ['no list', { Records: 'many' }],
  ['an empty list', []],
])('%s: nothing to do, nothing thrown', async (_, batch) => {
  expect(await processBatch(batch as unknown as QueueMessage[], options, () => {})).toEqual({ batchItemFailures: [] });
});

test('a message that is none makes the whole batch come back, as Lambda reads an empty id', async () => {
  const response = await processBatch([null as unknown as QueueMessage], options, (message) => message.Body);
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '' }] });
});

test('an empty receive has no span of a batch', async () => {
  expect(await processBatch([], options, () => {})).toEqual({ batchItemFailures: [] });
  expect(await processBatch({ Records: [] }, options, () => {})).toEqual({ batchItemFailures: [] });
  expect(takeSpans()).toEqual([]);
});
