// What a dead letter tells, and what an app writes onto one.
import { beforeEach, expect, test } from 'vitest';
import { deadLetterEntry, processDeadLetter } from '../../src/messaging/index.ts';
import { notification, takeSpan, takeSpans, text, traceId, traceparent } from './traced.ts';

beforeEach(() => void takeSpans());

const redriven = {
  MessageId: 'm-1',
  Body: '{"report":7}',
  MessageAttributes: { traceparent: text(traceparent), kind: text('daily') },
  Attributes: {
    ApproximateReceiveCount: '4',
    DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-central-1:123456789012:jobs',
  },
};
const options = { name: 'dead letter', destination: 'jobs-dlq', maxReceiveCount: 3 };

test('case 15: a redrive by SQS is in the same trace, and tells source, count and attempts', async () => {
  const reason = await processDeadLetter(redriven, options, (scope) => scope.reason);
  expect(reason).toEqual({ sourceQueue: 'jobs', attempts: 3, dependency: undefined, error: undefined });
  const span = takeSpan();
  expect(span.spanContext().traceId).toBe(traceId);
  expect(span.attributes).toMatchObject({
    'messaging.destination.name': 'jobs-dlq',
    'messaging.dead_letter.source': 'jobs',
    'aws.sqs.message.receive_count': 4,
    'job.failure_count': 3,
    'job.outcome': 'success',
  });
});

test('a dead letter whose handling fails is no last attempt', async () => {
  const broken = () => Promise.reject(new Error('no room'));
  await expect(processDeadLetter(redriven, options, broken)).rejects.toThrow('no room');
  expect(takeSpan().attributes['job.outcome']).toBe('retry');
});

test('what an app gives up by itself carries body, attributes, context and reason, and is read back', async () => {
  const { DeadLetterQueueSourceArn: _, ...Attributes } = redriven.Attributes;
  const reason = { dependency: 'payments', error: 'declined', sourceQueue: 'jobs' };
  const entry = deadLetterEntry({ ...redriven, Attributes }, reason);
  expect(entry).toEqual({
    MessageBody: redriven.Body,
    MessageAttributes: {
      ...redriven.MessageAttributes,
      dlq_source: text('jobs'),
      dlq_attempts: text('4'),
      dlq_dependency: text('payments'),
      dlq_error: text('declined'),
    },
  });
  const { MessageAttributes } = entry;
  const read = await processDeadLetter({ MessageAttributes }, { name: 'dead letter' }, (scope) => scope.reason);
  expect(read).toEqual({ ...reason, attempts: 4 });
  expect(takeSpan().attributes).toMatchObject({
    'messaging.dead_letter.source': 'jobs',
    'messaging.dead_letter.reason': 'declined',
    'job.failed_dependency': 'payments',
    'job.failure_count': 4,
  });
});

test('a message that Watermill put into its poison queue tells why', async () => {
  const MessageAttributes = { reason_poisoned: text('no stock'), topic_poisoned: text('orders') };
  const read = await processDeadLetter({ MessageAttributes }, { name: 'dead letter' }, (scope) => scope.reason);
  expect(read).toMatchObject({ sourceQueue: 'orders', error: 'no stock' });
});

test('there are never more than ten attributes, and one is left for the context', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, text('x')]));
  const names = (entry: { MessageAttributes: object }) => Object.keys(entry.MessageAttributes);
  const reason = { dependency: 'payments', error: 'declined', attempts: 3, sourceQueue: 'jobs' };
  expect(names(deadLetterEntry({ MessageAttributes: many(10) }, reason))).toHaveLength(10);
  expect(names(deadLetterEntry({ MessageAttributes: many(8) }, reason))).toHaveLength(9);
  const withContext = { ...many(7), traceparent: text(traceparent) };
  const full = names(deadLetterEntry({ MessageAttributes: withContext }, reason));
  expect(full).toHaveLength(10);
  expect(full).toContain('dlq_dependency');
});

test('a record of Lambda becomes an entry that can be sent, bytes and all', () => {
  const messageAttributes = {
    kind: { dataType: 'String', stringValue: 'daily' },
    blob: { dataType: 'Binary', binaryValue: Buffer.from([0, 255]).toString('base64') },
  };
  const body = notification('{}');
  const entry = deadLetterEntry({ body, messageAttributes, eventSourceARN: 'arn:aws:sqs:eu:1:jobs' });
  expect(entry.MessageBody).toBe(body);
  expect(entry.MessageAttributes).toEqual({
    kind: text('daily'),
    blob: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    dlq_source: text('jobs'),
  });
});

test('a dead letter keeps attributes of every name', () => {
  const given = Object.defineProperty({ n: text('1') } as Record<string, object>, '__proto__', {
    value: text('2'),
    enumerable: true,
  });
  const { MessageAttributes } = deadLetterEntry({ Body: 'b', MessageAttributes: given }, { error: 'x' });
  expect(Object.getOwnPropertyNames(MessageAttributes).sort()).toEqual(['__proto__', 'dlq_error', 'n']);
  expect(Object.getOwnPropertyDescriptor(MessageAttributes, '__proto__')?.value).toEqual(text('2'));
});
