// What instrumentation-aws-sdk does to a caller when it is left alone: here it does none of it.
import { propagation } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { traceAwsClient } from '../../src/messaging/trace-aws-client.ts';
import { createPropagator } from '../../src/provider/propagation.ts';
import { takeSpans } from '../messaging/aws-rig.ts';
import { clear, instrumentation, QueueUrl, rig, sqs } from '../messaging/sqs-rig.ts';

afterAll(() => rig.close());
beforeEach(clear);

const soon = <T>(promise: Promise<T>): Promise<T | 'hangs'> =>
  Promise.race([promise, new Promise<'hangs'>((resolve) => setTimeout(resolve, 1_500, 'hangs'))]);

const plain = () => new sqs.SQSClient(rig.config);

describe.each([
  ['with the instrumentation', plain],
  ['with traceAwsClient', () => traceAwsClient(plain())],
])('%s', (_, make) => {
  beforeAll(() => {
    if (make !== plain) instrumentation.disable();
  });
  afterAll(() => instrumentation.enable());

  test('a getter that throws is the error of the call, and of nothing else', async () => {
    const input = {
      QueueUrl,
      MessageBody: 'job',
      get MessageAttributes(): never {
        throw new Error('mine');
      },
    };
    expect(
      await soon(
        make()
          .send(new sqs.SendMessageCommand(input))
          .catch((error: Error) => error.message),
      ),
    ).toBe('mine');
    expect(await soon(make().send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'next' })))).not.toBe('hangs');
  });

  test('a receive leaves its input as it was, frozen or not', async () => {
    const input = { QueueUrl, MaxNumberOfMessages: 1 };
    await make().send(new sqs.ReceiveMessageCommand(input));
    expect(input).toEqual({ QueueUrl, MaxNumberOfMessages: 1 });
    await make().send(new sqs.ReceiveMessageCommand(Object.freeze(input)));
  });

  test('a command that is frozen is sent', async () => {
    const command = Object.freeze(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
    expect((await make().send(command)).MessageId).toBeDefined();
  });

  test('with propagation switched off, frozen inputs are sent', async () => {
    propagation.disable();
    propagation.setGlobalPropagator(createPropagator([]));
    try {
      const frozen = Object.freeze({ QueueUrl, MessageBody: 'job' });
      expect(await soon(make().send(new sqs.SendMessageCommand(frozen)))).not.toBe('hangs');
      const Entries = [Object.freeze({ Id: 'a', MessageBody: 'job' })];
      expect(await soon(make().send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries })))).not.toBe('hangs');
      const open = { QueueUrl, MessageBody: 'job' };
      await make().send(new sqs.SendMessageCommand(open));
      expect(Object.keys(open)).toEqual(['QueueUrl', 'MessageBody']);
    } finally {
      propagation.disable();
      propagation.setGlobalPropagator(createPropagator(['tracecontext', 'baggage']));
    }
  });

  test('a middleware that throws at once makes the call fail, which is over then', async () => {
    const own = make();
    own.middlewareStack.add(
      () => () => {
        throw new Error('at once');
      },
      { step: 'initialize', priority: 'high', name: 'throws' },
    );
    const input = { QueueUrl, MessageBody: 'job' };
    const sent = (async () => own.send(new sqs.SendMessageCommand(input)))();
    expect(await soon(sent.catch((error: Error) => error.message))).toBe('at once');
    expect(Object.getOwnPropertyDescriptor(input, 'MessageAttributes')).toBeUndefined();
    expect(takeSpans().map(({ name }) => name)).toEqual(['send jobs']);
  });
});
