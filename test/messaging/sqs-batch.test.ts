import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { inSpan, takeSpans } from './aws-rig.ts';
import { business, carriedBy, clear, client, QueueUrl, receive, receiveAll, rig, sqs } from './sqs-rig.ts';

afterAll(() => rig.close());
beforeEach(clear);

test('case 9: ten messages of a batch carry ten contexts, to which the send span links', async () => {
  const Entries = Array.from({ length: 10 }, (_, i) => ({
    Id: `m${i}`,
    MessageBody: `job ${i}`,
    MessageAttributes: business(i),
  }));
  const before = structuredClone(Entries);
  const command = new sqs.SendMessageBatchCommand({ QueueUrl, Entries });
  const app = await inSpan(async (span) => {
    await client.send(command);
    return span.spanContext();
  });
  const received = await receiveAll(10);
  const messages = Entries.map(({ MessageBody }) => received.get(MessageBody));
  const spans = takeSpans();
  const send = spans.find(({ name }) => name === 'send jobs');
  const creates = spans.filter(({ name }) => name === 'create jobs');
  const ids = creates.map((span) => span.spanContext().spanId);
  expect(new Set(ids).size).toBe(10);
  expect(messages.map((message) => carriedBy(message?.MessageAttributes)?.spanId)).toEqual(ids);
  expect(creates.map((span) => span.attributes['messaging.message.id'])).toEqual(
    messages.map((message) => message?.MessageId),
  );
  expect(creates.map((span) => [span.kind, span.parentSpanContext?.spanId])).toEqual(
    Array(10).fill([SpanKind.PRODUCER, app.spanId]),
  );
  expect(creates[0]?.attributes).toMatchObject({
    'messaging.operation.name': 'create',
    'messaging.operation.type': 'create',
    'messaging.destination.name': 'jobs',
    'messaging.system.name': 'aws.sqs',
  });
  expect(send?.links.map((link) => link.context.spanId)).toEqual(ids);
  expect(send?.attributes['messaging.batch.message_count']).toBe(10);
  expect(Entries).toEqual(before);
  expect(command.input.Entries).toBe(Entries);
});

test('a batch outside any span is one trace', async () => {
  const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: 'job' }));
  await client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
  const spans = takeSpans();
  expect(spans).toHaveLength(3);
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
});

test('a batch of one has no span but the one of the request', async () => {
  await client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'job' }] }));
  const [message] = await receive();
  const spans = takeSpans().filter(({ kind }) => kind === SpanKind.PRODUCER);
  expect(spans.map(({ name }) => name)).toEqual(['send jobs']);
  expect(carriedBy(message?.MessageAttributes)?.spanId).toBe(spans[0]?.spanContext().spanId);
});

test('case 10: of a batch with one that is refused, nine arrive with their context, and the one is named', async () => {
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `m${i}`, MessageBody: i === 3 ? '' : `job ${i}` }));
  const { Failed } = await client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Failed?.map(({ Id }) => Id)).toEqual(['m3']);
  const messages = await receiveAll(9);
  const spans = takeSpans();
  const send = spans.find(({ name }) => name === 'send jobs');
  const creates = spans.filter(({ name }) => name === 'create jobs');
  expect(send?.status.code).toBe(SpanStatusCode.UNSET);
  expect(send?.attributes).toMatchObject({ 'messaging.batch.failed_count': 1, 'messaging.batch.failed_ids': ['m3'] });
  expect(creates.map((span) => span.status.code === SpanStatusCode.ERROR)).toEqual(
    Entries.map(({ Id }) => Id === 'm3'),
  );
  expect(creates[3]?.attributes['error.type']).toBe(Failed?.[0]?.Code);
  const sent = Entries.filter(({ Id }) => Id !== 'm3').map(({ MessageBody }) => messages.get(MessageBody));
  expect(sent.map((message) => carriedBy(message?.MessageAttributes)?.spanId)).toEqual(
    creates.filter((_, i) => i !== 3).map((span) => span.spanContext().spanId),
  );
});

test('of a batch that is refused as a whole, every span is ended and says why', async () => {
  const Entries = ['a', 'a'].map((Id) => ({ Id, MessageBody: 'job' }));
  await expect(client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toThrow();
  const spans = takeSpans();
  expect(spans.map(({ name }) => name)).toEqual(['create jobs', 'create jobs', 'send jobs']);
  expect(spans.map(({ status }) => status.code)).toEqual(Array(3).fill(SpanStatusCode.ERROR));
  expect(new Set(spans.map(({ attributes }) => attributes['error.type'])).size).toBe(1);
});
