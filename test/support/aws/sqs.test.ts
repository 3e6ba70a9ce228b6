import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ListDeadLetterSourceQueuesCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestAws, type TestAws } from './aws-clients.ts';

// What SQS is known to do, so that a looser engine cannot slip in behind the tests that lean on it.

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const OTHER = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=0';

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

const text = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });
const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`a${at}`, text('x')]));
const systemHeader = (value: string) => ({ AWSTraceHeader: { DataType: 'String', StringValue: value } as const });

function send(queue: string, over: Partial<SendMessageCommand['input']> = {}, header?: string) {
  const command = new SendMessageCommand({ QueueUrl: aws.queueUrl(queue), MessageBody: 'body', ...over });
  if (header) command.middlewareStack.add(setHeader(header), { step: 'build' });
  return aws.sqs.send(command);
}

function setHeader(value: string) {
  return <Args extends { request?: unknown }, Result>(next: (args: Args) => Promise<Result>) =>
    (args: Args) => {
      (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = value;
      return next(args);
    };
}

async function firstOf(queue: string, options?: object) {
  const [message] = await aws.receive(queue, options);
  if (!message) throw new Error(`no message in ${queue}`);
  return message;
}

describe('attributes', () => {
  test('of every type come back as they were sent', async () => {
    await aws.queue('types');
    const sent = {
      text: text('grün'),
      number: { DataType: 'Number', StringValue: '7' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
    };
    await send('types', { MessageAttributes: sent });
    expect(await firstOf('types')).toMatchObject({ Body: 'body', MessageAttributes: sent });
  });

  test('are withheld unless asked for', async () => {
    await aws.queue('withheld');
    await send('withheld', { MessageAttributes: { ...many(1), 'trace.id': text('t') } }, HEADER);
    const again = { VisibilityTimeout: 0 };
    const bare = await firstOf('withheld', { ...again, MessageAttributeNames: [], MessageSystemAttributeNames: [] });
    expect(bare).not.toHaveProperty('MessageAttributes');
    expect(bare).not.toHaveProperty('Attributes');
    const one = await firstOf('withheld', {
      ...again,
      MessageAttributeNames: ['a0'],
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    });
    expect(one.MessageAttributes).toEqual(many(1));
    expect(one.Attributes).toEqual({ AWSTraceHeader: HEADER });
    const prefix = await firstOf('withheld', { ...again, MessageAttributeNames: ['trace.*'] });
    expect(Object.keys(prefix.MessageAttributes ?? {})).toEqual(['trace.id']);
    const old = { MessageSystemAttributeNames: [], AttributeNames: ['SentTimestamp'] };
    expect(Object.keys((await firstOf('withheld', old)).Attributes ?? {})).toEqual(['SentTimestamp']);
  });

  test('are ten at the most', async () => {
    await aws.queue('ten');
    await send('ten', { MessageAttributes: many(10) });
    await expect(send('ten', { MessageAttributes: many(11) })).rejects.toThrow(/\b10\b/);
  });

  test('must not be empty', async () => {
    await aws.queue('empty');
    const sending = send('empty', { MessageAttributes: { tracestate: text('') } });
    await expect(sending).rejects.toThrow(/tracestate.* must contain (a )?non-empty/);
  });

  test('count in the size of the message, the trace header does not', async () => {
    await aws.queue('size');
    const MessageBody = 'x'.repeat(1_048_576);
    await send('size', { MessageBody, MessageSystemAttributes: systemHeader(HEADER) });
    await expect(send('size', { MessageBody, MessageAttributes: many(1) })).rejects.toThrow('1048576');
  });
});

describe('the trace header', () => {
  test('of the request is on the message', async () => {
    await aws.queue('header');
    await send('header', {}, HEADER);
    expect((await firstOf('header')).Attributes).toMatchObject({ AWSTraceHeader: HEADER });
  });

  test('of the message wins over that of the request', async () => {
    await aws.queue('both');
    await send('both', { MessageSystemAttributes: systemHeader(OTHER) }, HEADER);
    expect((await firstOf('both')).Attributes).toMatchObject({ AWSTraceHeader: OTHER });
  });

  test('is on each entry of a batch that has none', async () => {
    const QueueUrl = await aws.queue('batch-header');
    const Entries = [
      { Id: '1', MessageBody: '1' },
      { Id: '2', MessageBody: '2', MessageSystemAttributes: systemHeader(OTHER) },
    ];
    const command = new SendMessageBatchCommand({ QueueUrl, Entries });
    command.middlewareStack.add(setHeader(HEADER), { step: 'build' });
    await aws.sqs.send(command);
    const messages = await aws.receive('batch-header', { MaxNumberOfMessages: 10 });
    expect(messages.map(({ Attributes }) => Attributes?.AWSTraceHeader)).toEqual([HEADER, OTHER]);
  });

  test('is dropped when it is none, and the message is sent', async () => {
    await aws.queue('junk');
    await send('junk', {}, 'Self=junk');
    expect((await firstOf('junk')).Attributes).not.toHaveProperty('AWSTraceHeader');
  });
});

test('a batch with one bad entry delivers the others and names that one', async () => {
  const QueueUrl = await aws.queue('partial');
  const Entries = [
    { Id: 'good', MessageBody: 'good' },
    { Id: 'bad', MessageBody: 'bad', MessageAttributes: { empty: text('') } },
  ];
  const result = await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(result.Successful?.map(({ Id }) => Id)).toEqual(['good']);
  expect(result.Failed?.map(({ Id }) => Id)).toEqual(['bad']);
  expect((await aws.receive('partial', { MaxNumberOfMessages: 10 })).map(({ Body }) => Body)).toEqual(['good']);
});

test('a receipt handle that was never given out is refused', async () => {
  const QueueUrl = await aws.queue('handles');
  const deleting = aws.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'junk' }));
  await expect(deleting).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
});

test('a fifo queue drops duplicates and keeps the order', async () => {
  const QueueUrl = await aws.queue('orders.fifo', { FifoQueue: 'true' });
  const ids = ['1', '2', '2', '3'];
  for (const id of ids) await send('orders.fifo', { MessageBody: id, MessageGroupId: 'g', MessageDeduplicationId: id });
  const messages = await aws.receive('orders.fifo', { MaxNumberOfMessages: 10 });
  expect(messages.map(({ Body }) => Body)).toEqual(['1', '2', '3']);
  expect(QueueUrl).toBe(aws.queueUrl('orders.fifo'));
});

test('a fifo queue holds back a group while one of it is being worked on', async () => {
  const QueueUrl = await aws.queue('groups.fifo', { FifoQueue: 'true' });
  for (const [id, group] of Object.entries({ 1: 'g', 2: 'g', 3: 'h' })) {
    await send('groups.fifo', { MessageBody: id, MessageGroupId: group, MessageDeduplicationId: id });
  }
  const first = await firstOf('groups.fifo');
  const rest = async () =>
    (await aws.receive('groups.fifo', { WaitTimeSeconds: 0, MaxNumberOfMessages: 10 })).map(({ Body }) => Body);
  expect([first.Body, await rest(), await rest()]).toEqual(['1', ['3'], []]);
  await aws.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first.ReceiptHandle }));
  expect(await rest()).toEqual(['2']);
});

test('a long poll answers as soon as there is a message', async () => {
  await aws.queue('poll');
  const received = aws.receive('poll', { WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
  await send('poll');
  expect(await received).toHaveLength(1);
}, 10_000);

describe('a message that fails three times', () => {
  /** Receives and gives back at once, as a consumer does whose handler has failed. */
  async function failOnce(queue: string): Promise<string | undefined> {
    const { Attributes, ReceiptHandle } = await firstOf(queue);
    const visible = { QueueUrl: aws.queueUrl(queue), ReceiptHandle, VisibilityTimeout: 0 };
    await aws.sqs.send(new ChangeMessageVisibilityCommand(visible));
    return Attributes?.ApproximateReceiveCount;
  }

  async function deadLetter(name: string) {
    await aws.queue(`${name}-dead`);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: aws.queueArn(`${name}-dead`), maxReceiveCount: 3 });
    await aws.queue(name, { RedrivePolicy });
    const sent = await send(name, { MessageAttributes: many(2), MessageSystemAttributes: systemHeader(HEADER) });
    const counts = [await failOnce(name), await failOnce(name), await failOnce(name)];
    return { sent, counts, dead: await firstOf(`${name}-dead`) };
  }

  test('is in the dead-letter queue as the same message, counted on, with its source', async () => {
    const { sent, counts, dead } = await deadLetter('mail');
    expect(counts).toEqual(['1', '2', '3']);
    expect(dead).toMatchObject({ MessageId: sent.MessageId, Body: 'body', MessageAttributes: many(2) });
    expect(dead.Attributes).toMatchObject({
      ApproximateReceiveCount: '4',
      DeadLetterQueueSourceArn: aws.queueArn('mail'),
      AWSTraceHeader: HEADER,
    });
    const { ApproximateFirstReceiveTimestamp: first, SentTimestamp } = dead.Attributes ?? {};
    expect(Number(SentTimestamp)).toBeLessThanOrEqual(Number(first));
    expect(await aws.receive('mail', { WaitTimeSeconds: 0 })).toEqual([]);
    const QueueUrl = aws.queueUrl('mail-dead');
    const { queueUrls } = await aws.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl }));
    expect(queueUrls).toEqual([aws.queueUrl('mail')]);
  });

  test('goes back as a new message', async () => {
    const { sent, dead } = await deadLetter('back');
    const visible = { QueueUrl: aws.queueUrl('back-dead'), ReceiptHandle: dead.ReceiptHandle, VisibilityTimeout: 0 };
    await aws.sqs.send(new ChangeMessageVisibilityCommand(visible));
    await aws.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: aws.queueArn('back-dead') }));
    const moved = await firstOf('back', { WaitTimeSeconds: 10 });
    expect(moved.MessageId).not.toBe(sent.MessageId);
    expect(moved).toMatchObject({ Body: 'body', MessageAttributes: many(2) });
    expect(moved.Attributes?.ApproximateReceiveCount).toBe('1');
  });
});

test('what a consumer that hung up would have received is there for the next', async () => {
  await aws.queue('gone');
  const abort = new AbortController();
  const request = new ReceiveMessageCommand({ QueueUrl: aws.queueUrl('gone'), WaitTimeSeconds: 20 });
  const polling = aws.sqs.send(request, { abortSignal: abort.signal });
  setTimeout(() => abort.abort(), 200);
  await expect(polling).rejects.toThrow('aborted');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await send('gone');
  expect(await aws.receive('gone')).toHaveLength(1);
});
