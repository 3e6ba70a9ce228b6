// Inputs as nobody should make them: what the SDK can send without tracing, it can send with it, and nothing more happens.
import { setImmediate as tick } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { traceAwsClient } from '../../src/messaging/trace-aws-client.ts';
import { inSpan, takeSpans } from './aws-rig.ts';
import { business, clear, client, instrumentation, QueueUrl, receive, rig, sqs, string } from './sqs-rig.ts';

afterAll(() => rig.close());
beforeEach(clear);

/** Fields that are no own properties, and that know their object. */
class Job {
  readonly #body: string;
  readonly #more: object;
  constructor(body: string, more: object = {}) {
    this.#body = body;
    this.#more = more;
  }
  get QueueUrl() {
    return QueueUrl;
  }
  get Id() {
    return this.#body;
  }
  get MessageBody() {
    return this.#body;
  }
  get MessageAttributes() {
    return { ...business(2), ...this.#more };
  }
}

const plain = () => new sqs.SQSClient(rig.config);

describe.each([
  ['with the instrumentation', plain],
  ['with traceAwsClient', () => traceAwsClient(plain())],
])('%s', (_, make) => {
  beforeAll(() => {
    if (make !== plain) instrumentation.disable();
  });
  afterAll(() => instrumentation.enable());
  test('an input that is an object of a class, with getters on its prototype', async () => {
    await make().send(new sqs.SendMessageCommand(new Job('job')));
    const [message] = await receive();
    expect(message?.Body).toBe('job');
    expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual(['a0', 'a1', 'traceparent']);
  });

  test('entries of a batch that are objects of a class', async () => {
    const answer = await make().send(
      new sqs.SendMessageBatchCommand({ QueueUrl, Entries: [new Job('one'), new Job('two')] }),
    );
    expect(answer).toMatchObject({ Successful: [{ Id: 'one' }, { Id: 'two' }] });
    const messages = await receive();
    expect(messages.map(({ Body }) => Body).sort()).toEqual(['one', 'two']);
    for (const { MessageAttributes } of messages)
      expect(Object.keys(MessageAttributes ?? {}).sort()).toEqual(['a0', 'a1', 'traceparent']);
  });

  test.each([
    ['plain', () => ({ QueueUrl, MessageBody: 'job', MessageAttributes: business(1) })],
    ['of a class', () => new Job('job')],
  ])('what a middleware of the app writes into an input that is %s goes out', async (_, input) => {
    const sender = make();
    sender.middlewareStack.add(
      (next) => (args) => {
        const given = args.input as { MessageAttributes?: object };
        given.MessageAttributes = { ...given.MessageAttributes, own: string('1') };
        return next(args);
      },
      { step: 'initialize', name: 'own', priority: 'low' },
    );
    await sender.send(new sqs.SendMessageCommand(input()));
    const [message] = await receive();
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(expect.arrayContaining(['a0', 'own', 'traceparent']));
  });

  test('proxies, which answer what they do not list', async () => {
    const dynamic = (fields: Record<string, unknown>) =>
      new Proxy({} as Record<string, unknown>, { get: (_, key) => fields[key as string] });
    const Entries = [dynamic({ Id: 'a', MessageBody: 'job', MessageAttributes: business(1) })] as never;
    await make().send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
    const [message] = await receive();
    expect(message?.Body).toBe('job');
    expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual(['a0', 'traceparent']);
  });
});

test('whoever reads the input while it is sent sees what is his', async () => {
  const input: Record<string, unknown> = { QueueUrl, MessageBody: 'job', MessageAttributes: business(10) };
  const seen: unknown[] = [];
  await inSpan(async () => {
    const sending = client.send(new sqs.SendMessageCommand(input as never));
    while (rig.wire.length === 0) {
      await tick();
      seen.push({ ...input });
    }
    await sending;
  });
  expect(seen.length).toBeGreaterThan(0);
  for (const one of seen) expect(one).toEqual({ QueueUrl, MessageBody: 'job', MessageAttributes: business(10) });
});

test('an input that is frozen while it is sent keeps nobody waiting, and ends every span', async () => {
  const input = {
    QueueUrl,
    Entries: [
      { Id: 'a', MessageBody: 'x' },
      { Id: 'b', MessageBody: 'y' },
    ],
  };
  const sending = client.send(new sqs.SendMessageBatchCommand(input));
  while (rig.wire.length === 0) await tick();
  Object.freeze(input);
  await sending;
  expect(
    takeSpans()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['create jobs', 'create jobs', 'send jobs']);
});
