import { PublishBatchCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestAws, type TestAws } from './aws-clients.ts';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`a${at}`, text('x')]));

/** A topic with one queue of the same name. */
async function wire(name: string, attributes?: Record<string, string>): Promise<string> {
  await aws.queue(name);
  return aws.topic(name, name, attributes);
}

const publish = (TopicArn: string, over: Partial<PublishCommand['input']> = {}) =>
  aws.sns.send(new PublishCommand({ TopicArn, Message: 'hello', ...over }));
const bodies = async (queue: string) =>
  (await aws.receive(queue, { WaitTimeSeconds: 1, MaxNumberOfMessages: 10 })).map(({ Body }) => Body);

test('a message arrives in an envelope with its attributes in it', async () => {
  const topic = await wire('envelope');
  const { MessageId } = await publish(topic, { Subject: 's', MessageAttributes: many(1) });
  const [message] = await aws.receive('envelope');
  expect(message).not.toHaveProperty('MessageAttributes');
  expect(JSON.parse(message?.Body ?? '')).toMatchObject({
    Type: 'Notification',
    MessageId,
    TopicArn: topic,
    Subject: 's',
    Message: 'hello',
    MessageAttributes: { a0: { Type: 'String', Value: 'x' } },
  });
});

test('raw delivery hands over the message and its attributes', async () => {
  const topic = await wire('raw', { RawMessageDelivery: 'true' });
  const bytes = { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) };
  await publish(topic, { MessageAttributes: { ...many(9), bytes } });
  const [message] = await aws.receive('raw');
  expect(message).toMatchObject({ Body: 'hello', MessageAttributes: { ...many(9), bytes } });
});

test('raw delivery discards what has more than ten attributes, the envelope does not', async () => {
  const topic = await wire('eleven-raw', { RawMessageDelivery: 'true' });
  await aws.queue('eleven');
  await aws.topic('eleven-raw', 'eleven');
  await publish(topic, { MessageAttributes: many(11) });
  expect(await bodies('eleven')).toHaveLength(1);
  expect(await bodies('eleven-raw')).toEqual([]);
});

test('a batch is delivered entry by entry, and the bad one is named', async () => {
  const TopicArn = await wire('batch', { RawMessageDelivery: 'true' });
  const PublishBatchRequestEntries = [
    { Id: '1', Message: 'one', MessageAttributes: { who: text('1') } },
    { Id: '2', Message: 'two', MessageAttributes: { tracestate: text('') } },
  ];
  const result = await aws.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  expect(result.Successful?.map(({ Id }) => Id)).toEqual(['1']);
  expect(result.Failed?.map(({ Id }) => Id)).toEqual(['2']);
  const messages = await aws.receive('batch', { MaxNumberOfMessages: 10 });
  expect(messages.map(({ MessageAttributes }) => MessageAttributes)).toEqual([{ who: text('1') }]);
});

test('an empty attribute is refused', async () => {
  const publishing = publish(await wire('refused'), { MessageAttributes: { tracestate: text('') } });
  await expect(publishing).rejects.toThrow(/tracestate.* must contain non-empty/);
});

test('a message with a text per protocol arrives without attributes', async () => {
  const topic = await wire('structure', { RawMessageDelivery: 'true' });
  const Message = JSON.stringify({ default: 'for all', sqs: 'for queues' });
  await publish(topic, { Message, MessageStructure: 'json', MessageAttributes: many(1) });
  const [message] = await aws.receive('structure');
  expect(message?.Body).toBe('for queues');
  expect(message).not.toHaveProperty('MessageAttributes');
});

test.each(['true', 'false'])('the trace header of the request is on the message (raw delivery %s)', async (raw) => {
  const TopicArn = await wire(`header-${raw}`, { RawMessageDelivery: raw });
  const command = new PublishCommand({ TopicArn, Message: 'hello' });
  const addHeader = { step: 'build' } as const;
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = HEADER;
      return next(args);
    },
    addHeader,
  );
  await aws.sns.send(command);
  const [message] = await aws.receive(`header-${raw}`);
  expect(message?.Attributes?.AWSTraceHeader).toBe(HEADER);
});

test('a filter on attributes or on the body decides who receives', async () => {
  const byAttribute = { kind: ['order'], size: [{ numeric: ['>', 1, '<=', 3] }] };
  const topic = await wire('by-attribute', { FilterPolicy: JSON.stringify(byAttribute), RawMessageDelivery: 'true' });
  await aws.queue('by-body');
  const FilterPolicy = JSON.stringify({ order: { total: [{ numeric: ['>=', 100] }] } });
  await aws.topic('by-attribute', 'by-body', {
    FilterPolicy,
    FilterPolicyScope: 'MessageBody',
    RawMessageDelivery: 'true',
  });
  const attributes = (kind: string, size: string) => ({
    MessageAttributes: { kind: text(kind), size: { DataType: 'Number', StringValue: size } },
  });
  const cheap = JSON.stringify({ order: { total: 99 } });
  const dear = JSON.stringify({ order: { total: 100 } });
  await publish(topic, { Message: cheap, ...attributes('order', '3') });
  await publish(topic, { Message: dear, ...attributes('order', '4') });
  await publish(topic, { Message: 'no json', ...attributes('refund', '2') });
  expect(await bodies('by-attribute')).toEqual([cheap]);
  expect(await bodies('by-body')).toEqual([dear]);
});

test('a filter with an operator that is not known is refused, and so is an unknown topic', async () => {
  const topic = await wire('strict');
  const Attributes = { FilterPolicy: JSON.stringify({ a: [{ like: 'x' }] }) };
  const subscribing = aws.sns.send(
    new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: aws.queueArn('strict'), Attributes }),
  );
  await expect(subscribing).rejects.toThrow('Unrecognized match type like');
  await expect(publish(`${topic}-2`)).rejects.toThrow('Topic does not exist');
});
