import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { processMessage, TimeoutError } from '../../src/messaging/index.ts';
import { takeSpans } from './aws-rig.ts';
import { clear, client, named, QueueUrl, rig, sqs } from './sqs-rig.ts';

afterAll(() => rig.close());
beforeEach(clear);

describe('a receive asks for what processing tells its story from', () => {
  const asked = async (input: object) => {
    rig.wire.length = 0;
    await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, ...input }));
    return rig.wire[0]?.body as {
      AttributeNames?: string[];
      MessageSystemAttributeNames?: string[];
      MessageAttributeNames?: string[];
    };
  };
  const wanted = [
    'ApproximateReceiveCount',
    'ApproximateFirstReceiveTimestamp',
    'SentTimestamp',
    'AWSTraceHeader',
    'DeadLetterQueueSourceArn',
    'MessageGroupId',
    'SequenceNumber',
  ];

  test('beside what the app asks for', async () => {
    const input = { QueueUrl, MessageSystemAttributeNames: ['SenderId' as const], MessageAttributeNames: ['tenant'] };
    const body = await asked(input);
    expect(body.MessageSystemAttributeNames).toEqual(['SenderId', ...wanted]);
    expect(body.MessageAttributeNames).toEqual(expect.arrayContaining(['tenant', 'traceparent', 'tracestate']));
    expect(input.MessageSystemAttributeNames).toEqual(['SenderId']);
  });

  test.each([
    [
      'under the older name where the app uses that',
      { AttributeNames: ['SenderId'] },
      { AttributeNames: ['SenderId', ...wanted] },
    ],
    ['and nothing more than all', { AttributeNames: ['All'] }, { AttributeNames: ['All'] }],
    ['also where it asks for nothing', {}, { MessageSystemAttributeNames: wanted }],
  ])('%s', async (_, input, expected) => {
    expect(await asked(input)).toMatchObject(expected);
  });

  test('and its span is named', async () => {
    await asked({});
    expect(named('receive jobs').attributes).toMatchObject({
      'messaging.operation.name': 'receive',
      'messaging.operation.type': 'receive',
      'messaging.destination.name': 'jobs',
    });
  });
});

test('case 31: a message whose handler never settles is not acknowledged, and comes again as the second attempt', async () => {
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
  // The engine itself knows the older list only.
  const asked = { AttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
  const request = { QueueUrl, VisibilityTimeout: 1, WaitTimeSeconds: 1, ...asked };
  const next = async () => (await client.send(new sqs.ReceiveMessageCommand(request))).Messages?.[0];
  const signals: AbortSignal[] = [];
  const options = { name: 'job.run', destination: QueueUrl as string, maxReceiveCount: 2 };

  const first = await next();
  const running = processMessage(first ?? {}, { ...options, timeoutMs: 20 }, ({ signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  });
  await expect(running).rejects.toThrow(TimeoutError);
  expect(signals[0]?.aborted).toBe(true);
  let again = await next();
  for (let polls = 0; again === undefined && polls < 5; polls += 1) again = await next();
  expect(again?.MessageId).toBe(first?.MessageId);
  await processMessage(again ?? {}, options, () => {});
  const attempts = takeSpans().filter(({ name }) => name === 'job.run');
  expect(
    attempts.map(({ attributes }) => [attributes['job.attempt'], attributes['job.outcome'], attributes['error.type']]),
  ).toEqual([
    [1, 'retry', 'timeout'],
    [2, 'success', undefined],
  ]);
  expect(new Set(attempts.map((span) => span.spanContext().traceId)).size).toBe(1);
  await client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
});
