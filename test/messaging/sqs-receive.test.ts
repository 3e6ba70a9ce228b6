import { afterAll, beforeEach, describe, expect, test } from 'vitest';
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
