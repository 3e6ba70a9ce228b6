// What the settings say of sending: baggage by name and destination, spans of the messages of a batch; and the kinds of all
// spans around messages.
import { context, diag, propagation, SpanKind } from '@opentelemetry/api';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BaggageChoice } from '../../src/messaging/headers.ts';
import { carriers, injectHeaders, traceAwsClient } from '../../src/messaging/index.ts';
import { setSendDefaults } from '../../src/messaging/send-defaults.ts';
import { inSpan, load, takeSpans } from './aws-rig.ts';
import { clear, client, QueueUrl, receive, rig, sqs } from './sqs-rig.ts';

const sns = load('@aws-sdk/client-sns') as typeof import('@aws-sdk/client-sns');
const topics = new sns.SNSClient(rig.config);

afterAll(() => rig.close());
beforeEach(clear);
afterEach(() => setSendDefaults({}));

const withBaggage = <T>(values: Record<string, string>, run: () => Promise<T>): Promise<T> => {
  const entries = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  return context.with(propagation.setBaggage(context.active(), propagation.createBaggage(entries)), run);
};
const caller = { tenant: 'acme', email: 'a@b', tier: 'gold' };
const send = () => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
const sendTwo = () =>
  client.send(
    new sqs.SendMessageBatchCommand({ QueueUrl, Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: 'job' })) }),
  );
const received = async () =>
  (await receive()).map(({ MessageAttributes }) => MessageAttributes?.baggage?.StringValue ?? 'none');

test.each<[string, BaggageChoice | undefined, string]>([
  ['nothing is set', undefined, 'none'],
  ['an empty list', [], 'none'],
  ['a name', ['tenant'], 'tenant=acme'],
  ['names that are there and that are not', ['tenant', 'user', 'tier'], 'tenant=acme,tier=gold'],
  ['a name for this queue', ['tenant:jobs'], 'tenant=acme'],
  ['a name for queues that begin so', ['tenant:jo*', 'tier:*'], 'tenant=acme,tier=gold'],
  ['a name for another queue', ['tenant:job', 'tier:jobs2*', 'email'], 'email=a%40b'],
])('case 29: with %s, %j, a message and a batch carry baggage %j', async (_, baggage, expected) => {
  setSendDefaults({ baggage });
  await withBaggage(caller, send);
  await withBaggage(caller, sendTwo);
  expect(await received()).toEqual(Array(3).fill(expected));
});

test('a topic is a destination by its name; beside the instrumentation the settings decide', async () => {
  setSendDefaults({ baggage: ['tenant:paid'] });
  const TopicArn = 'arn:aws:sns:eu-central-1:123456789012:paid';
  await withBaggage(caller, () => topics.send(new sns.PublishCommand({ TopicArn, Message: 'paid' })));
  expect(Object.values(rig.wire[0]?.body ?? {})).toContain('tenant=acme');
  const own = traceAwsClient(new sqs.SQSClient(rig.config), { baggage: false });
  setSendDefaults({ baggage: true });
  await withBaggage(caller, () => own.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })));
  expect(await received()).toEqual(['tenant=acme,email=a%40b,tier=gold']);
});

test('case 29: over 1,024 bytes no baggage goes along, and it is said; the trace does', async () => {
  const warn = vi.spyOn(diag, 'warn').mockReturnValue();
  setSendDefaults({ baggage: ['tenant'] });
  const fits = 'x'.repeat(1_024 - 'tenant='.length);
  for (const tenant of [fits, `${fits}x`]) await withBaggage({ tenant }, send);
  expect(warn.mock.calls.flat()).toEqual([expect.stringContaining('over 1,024 bytes')]);
  warn.mockRestore();
  const messages = await receive();
  expect(messages.map(({ MessageAttributes }) => Object.keys(MessageAttributes ?? {}).sort())).toEqual([
    ['baggage', 'traceparent'],
    ['traceparent'],
  ]);
});

test('headers of other brokers, whose destination is not known, carry what may go anywhere', () => {
  setSendDefaults({ baggage: ['tenant', 'tier:jobs'] });
  const from = propagation.setBaggage(
    context.active(),
    propagation.createBaggage({ tenant: { value: 'acme' }, tier: { value: 'gold' } }),
  );
  expect(injectHeaders<Record<string, string>>(carriers.textMap, {}, { context: from }).baggage).toBe('tenant=acme');
  expect(injectHeaders(carriers.textMap, {}, { context: from, baggage: false })).not.toHaveProperty('baggage');
});

test('without spans for messages, those of a batch carry the span of the request', async () => {
  setSendDefaults({ messageSpans: false });
  await inSpan(sendTwo);
  const [span, ...others] = takeSpans().filter(({ name }) => name !== 'app');
  expect(others).toEqual([]);
  expect([span?.name, span?.kind]).toEqual(['send jobs', SpanKind.PRODUCER]);
  const carried = (await receive()).map(
    ({ MessageAttributes }) => MessageAttributes?.traceparent?.StringValue?.split('-')[2],
  );
  expect(carried).toEqual(Array(2).fill(span?.spanContext().spanId));
});

describe('kinds', () => {
  const kinds = () => takeSpans().map(({ name, kind }) => `${SpanKind[kind]} ${name}`);

  test('who gives a message its context is a producer, who asks the broker for something a client', async () => {
    await send();
    await sendTwo();
    await receive();
    expect(kinds()).toEqual([
      'PRODUCER send jobs',
      'PRODUCER create jobs',
      'PRODUCER create jobs',
      'CLIENT send jobs',
      'CLIENT receive jobs',
      'CLIENT SQS.DeleteMessageBatch',
    ]);
  });
});
