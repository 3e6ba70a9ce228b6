import { context, diag, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { carriers, injectHeaders } from '../../src/messaging/carriers.ts';
import { deadLetterEntry, extractHeaders, processBatch, receiveOptions } from '../../src/messaging/index.ts';
import { messageOrigin } from '../../src/messaging/message-origin.ts';
import { fromXRayHeader } from '../../src/messaging/xray-header.ts';
import { createPropagator } from '../../src/provider/propagation.ts';
import { inSpan, takeSpans } from './aws-rig.ts';
import { business, carriedBy, clear, client, named, QueueUrl, receive, rig, sqs, string, withMuch } from './sqs-rig.ts';

afterAll(() => rig.close());
beforeEach(clear);

test('case 1, the sending half: the message carries the send span, which is a child of what sent it', async () => {
  const app = await inSpan(async (span) => {
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(1) }));
    return span.spanContext();
  });
  const [message] = await receive();
  const send = named('send jobs');
  expect(send.kind).toBe(SpanKind.PRODUCER);
  expect(send.parentSpanContext?.spanId).toBe(app.spanId);
  expect(carriedBy(message?.MessageAttributes)).toMatchObject({
    traceId: app.traceId,
    spanId: send.spanContext().spanId,
    traceFlags: 1,
  });
  expect(send.attributes).toMatchObject({
    'messaging.system': 'aws_sqs',
    'messaging.system.name': 'aws.sqs',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'jobs',
    'messaging.message.id': message?.MessageId,
    'messaging.context.carrier': 'message_attribute',
    'aws.sqs.queue.url': QueueUrl,
  });
});

test('case 2: a tracestate of nothing but rubbish sends the message, and no tracestate', async () => {
  const parent = propagation.extract(context.active(), {
    traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
    tracestate: '!!!',
  });
  await context.with(parent, () => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })));
  const [message] = await receive();
  expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['traceparent']);
});

test.each([0, 6, 7, 8, 9])(
  'case 3: with %i attributes of the app the context goes along, and they stay as they are',
  async (count) => {
    const attributes = business(count);
    const input = { QueueUrl, MessageBody: 'job', MessageAttributes: attributes };
    await inSpan(() => client.send(new sqs.SendMessageCommand(input)));
    const [message] = await receive();
    const send = named('send jobs');
    expect(carriedBy(message?.MessageAttributes)?.spanId).toBe(send.spanContext().spanId);
    expect(message?.MessageAttributes).toMatchObject(business(count));
    expect(attributes).toEqual(business(count));
    expect(input).toEqual({ QueueUrl, MessageBody: 'job', MessageAttributes: business(count) });
  },
);

test('case 4: with ten, the context goes in AWSTraceHeader, and the span says so', async () => {
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(10) }));
  const [message] = await receive();
  const send = named('send jobs');
  expect(message?.MessageAttributes).toEqual(business(10));
  expect(fromXRayHeader(message?.Attributes?.AWSTraceHeader)).toMatchObject({
    traceId: send.spanContext().traceId,
    spanId: send.spanContext().spanId,
    traceFlags: 1,
  });
  expect(send.attributes['messaging.context.carrier']).toBe('aws_trace_header');
});

test('an AWSTraceHeader of the app is left alone', async () => {
  const own = { AWSTraceHeader: string('Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1') };
  const input = { QueueUrl, MessageBody: 'job', MessageAttributes: business(10), MessageSystemAttributes: own };
  await client.send(new sqs.SendMessageCommand(input));
  expect((await receive())[0]?.Attributes?.AWSTraceHeader).toBe(own.AWSTraceHeader.StringValue);
  expect(named('send jobs').attributes['messaging.context.carrier']).toBe('none');
});

test('case 5: the trace goes before its state, and the state leaves Watermill its place', async () => {
  const warn = vi.fn();
  const silent = () => {};
  diag.setLogger({ error: silent, warn, info: silent, debug: silent, verbose: silent });
  const sent = async (count: number) => {
    await withMuch(() =>
      client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(count) })),
    );
    return Object.keys((await receive())[0]?.MessageAttributes ?? {})
      .filter((name) => !/^a\d$/.test(name))
      .sort();
  };
  expect(await sent(7)).toEqual(['traceparent', 'tracestate']);
  expect(warn).not.toHaveBeenCalled();
  expect(await sent(8)).toEqual(['traceparent']);
  expect(await sent(9)).toEqual(['traceparent']);
  // The same words each time, of which the start of tracing prints the first.
  expect(warn).toHaveBeenCalledTimes(2);
  expect(new Set(warn.mock.calls.map(([words]) => words))).toEqual(
    new Set([expect.stringContaining('without tracestate or baggage')]),
  );
  diag.disable();
});

describe('case 7: the same command sent twice', () => {
  test('each message carries its own trace, and the caller has back what it passed', async () => {
    const attributes = business(7);
    const command = new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: attributes });
    await inSpan(() => client.send(command));
    await inSpan(() => client.send(command));
    const messages = await receive();
    const sends = takeSpans().filter(({ name }) => name === 'send jobs');
    expect(messages.map((message) => carriedBy(message.MessageAttributes)?.traceId)).toEqual(
      sends.map((send) => send.spanContext().traceId),
    );
    expect(new Set(sends.map((send) => send.spanContext().traceId)).size).toBe(2);
    expect(command.input.MessageAttributes).toBe(attributes);
    expect(Object.getOwnPropertyDescriptors(command.input)).toEqual(
      Object.getOwnPropertyDescriptors({ QueueUrl, MessageBody: 'job', MessageAttributes: business(7) }),
    );
  });

  test('at once, and without attributes of its own', async () => {
    const command = new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' });
    await Promise.all(Array.from({ length: 5 }, () => inSpan(() => client.send(command))));
    const messages = await receive();
    const spanIds = takeSpans()
      .filter(({ name }) => name === 'send jobs')
      .map((send) => send.spanContext().spanId);
    expect(messages.map((message) => carriedBy(message.MessageAttributes)?.spanId).sort()).toEqual(spanIds.sort());
    expect(Object.keys(command.input)).toEqual(['QueueUrl', 'MessageBody']);
  });

  test('at once, with ten attributes', async () => {
    const command = new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(10) });
    await Promise.all(Array.from({ length: 3 }, () => inSpan(() => client.send(command))));
    const messages = await receive();
    const spanIds = takeSpans()
      .filter(({ name }) => name === 'send jobs')
      .map((send) => send.spanContext().spanId);
    const carried = messages.map(({ Attributes }) => fromXRayHeader(Attributes?.AWSTraceHeader)?.spanId);
    expect(carried.sort()).toEqual(spanIds.sort());
  });

  test('the context of a message that is passed on is replaced, whatever its case', async () => {
    const stale = {
      Traceparent: string(`00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`),
      tracestate: string('old=1'),
      n: string('1'),
    };
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: stale }));
    const [message] = await receive();
    expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual(['n', 'traceparent']);
    expect(carriedBy(message?.MessageAttributes)?.spanId).toBe(named('send jobs').spanContext().spanId);
  });

  test('a frozen input is sent, without context, and hangs nothing', async () => {
    const input = Object.freeze({ QueueUrl, MessageBody: 'job', MessageAttributes: Object.freeze(business(1)) });
    await client.send(new sqs.SendMessageCommand(input));
    expect(Object.keys((await receive())[0]?.MessageAttributes ?? {})).toEqual(['a0']);
    expect(named('send jobs').attributes['messaging.context.carrier']).toBe('none');
  });

  test.each([
    ['as it is', (attributes: object) => attributes],
    ['among other attributes', (attributes: object) => ({ ...attributes, kind: string('order') })],
  ])('a context that the app gave the message itself stays, %s, and the send span links to it', async (_, passed) => {
    const created = await inSpan(async (span) => ({
      attributes: injectHeaders(carriers.sqs, business(1)),
      is: span.spanContext(),
    }));
    const MessageAttributes = passed(created.attributes) as ReturnType<typeof business>;
    await inSpan(() => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes })));
    const [message] = await receive();
    expect(carriedBy(message?.MessageAttributes)?.spanId).toBe(created.is.spanId);
    expect(named('send jobs').links.map((link) => link.context.spanId)).toEqual([created.is.spanId]);
  });
});

test('a message that waited in a table is in the trace in which it was written', async () => {
  const stored = await inSpan(async (span) => ({
    headers: JSON.parse(JSON.stringify(injectHeaders(carriers.textMap, {}))),
    is: span.spanContext(),
  }));
  await inSpan(() =>
    context.with(extractHeaders(carriers.textMap, stored.headers), () =>
      client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })),
    ),
  );
  const [message] = await receive();
  const send = named('send jobs');
  expect(carriedBy(message?.MessageAttributes)?.spanId).toBe(send.spanContext().spanId);
  expect([send.spanContext().traceId, send.parentSpanContext?.spanId]).toEqual([stored.is.traceId, stored.is.spanId]);
});

test.each([
  ['in its attributes', business(2)],
  ['in the trace header', business(10)],
])(
  'a dead letter that is sent after its handler has the trace that the message had %s',
  async (_, MessageAttributes) => {
    await inSpan(() => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes })));
    const { traceId } = named('send jobs').spanContext();
    const [message] = await receive();
    takeSpans();
    await client.send(
      new sqs.SendMessageCommand({ QueueUrl, ...deadLetterEntry(message ?? {}, { error: 'declined' }) }),
    );
    const [letter] = await receive();
    expect(trace.getSpanContext(messageOrigin(letter ?? {}).context)?.traceId).toBe(traceId);
  },
);

describe('case 8: a body at the limit of what AWS takes', () => {
  test.each([
    ['1 MiB', 1_048_576, 'aws_trace_header'],
    ['what leaves no room for a traceparent', 1_048_576 - 71, 'aws_trace_header'],
    ['what leaves just that', 1_048_576 - 72, 'message_attribute'],
    ['256 KiB, which older queues take', 262_144, 'aws_trace_header'],
  ])('%s', async (_, bytes, carrier) => {
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'x'.repeat(bytes) }));
    const [message] = await receive();
    const send = named('send jobs');
    expect(send.attributes['messaging.context.carrier']).toBe(carrier);
    const carried =
      carrier === 'message_attribute'
        ? carriedBy(message?.MessageAttributes)
        : fromXRayHeader(message?.Attributes?.AWSTraceHeader);
    expect(carried?.spanId).toBe(send.spanContext().spanId);
  });

  test('with bytes in a form that the types do not know', async () => {
    const BinaryValue = 'x'.repeat(100) as never;
    const MessageAttributes = { b: { DataType: 'Binary', BinaryValue } };
    const MessageBody = 'x'.repeat(262_144 - 107 - 71);
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    expect(named('send jobs').attributes['messaging.context.carrier']).toBe('aws_trace_header');
  });

  test('of a batch, all bodies together', async () => {
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(524_288 - 40) }));
    const { Failed } = await client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Failed).toBeUndefined();
    const carried = takeSpans()
      .filter(({ name }) => name === 'create jobs')
      .map((span) => span.attributes['messaging.context.carrier']);
    expect(carried).toEqual(['message_attribute', 'aws_trace_header']);
  });
});

test.each<[string, Record<string, string>, { MessageDeduplicationId?: string }, string[]]>([
  ['id', {}, { MessageDeduplicationId: 'd-7' }, ['job', 'job, again']],
  ['body', { ContentBasedDeduplication: 'true' }, {}, ['job', 'job']],
])(
  'case 14: a duplicate of a FIFO queue, by its %s, is sent twice, is one message, and is processed once',
  async (by, attributes, more, bodies) => {
    const QueueName = `by-${by}.fifo`;
    const { QueueUrl: fifo } = await client.send(
      new sqs.CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true', ...attributes } }),
    );
    const send = (MessageBody: string) => () =>
      client.send(new sqs.SendMessageCommand({ QueueUrl: fifo, MessageBody, MessageGroupId: 'g', ...more }));
    const sent = [];
    for (const body of bodies) sent.push((await inSpan(send(body))).MessageId);
    expect(sent[0]).toEqual(expect.any(String));
    expect(sent[1]).toBe(sent[0]);
    const sends = takeSpans().filter(({ name }) => name === `send ${QueueName}`);
    expect(sends.map((span) => [span.attributes['messaging.message.id'], span.status.code])).toEqual(
      Array(2).fill([sent[0], SpanStatusCode.UNSET]),
    );

    const request = { QueueUrl: fifo, MaxNumberOfMessages: 10, ...receiveOptions() };
    const { Messages = [] } = await client.send(new sqs.ReceiveMessageCommand(request));
    const options = { name: 'job.run', destination: fifo as string };
    await processBatch(Messages, options, () => {});
    const processed = takeSpans().filter(({ name }) => name === 'job.run');
    expect(processed).toHaveLength(1);
    // The one that is in the queue is the first; the second went nowhere, and its context with it.
    expect(processed[0]?.parentSpanContext?.spanId).toBe(sends[0]?.spanContext().spanId);
    expect(processed[0]?.attributes['messaging.message.id']).toBe(sent[0]);
  },
);

test('case 29: baggage stays at home, and a tracestate has at most 32 members', async () => {
  await withMuch(() => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })));
  const [message] = await receive();
  expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual(['traceparent', 'tracestate']);
  expect(message?.MessageAttributes?.tracestate?.StringValue?.split(',').length).toBeLessThanOrEqual(32);
});

test('case 35: what Watermill reads is text, none of it empty, with a place left for its id', async () => {
  await withMuch(() =>
    client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(8) })),
  );
  const [message] = await receive();
  const attributes = Object.values(message?.MessageAttributes ?? {});
  expect(attributes).toHaveLength(9);
  expect(attributes.every(({ DataType, StringValue }) => DataType === 'String' && StringValue !== '')).toBe(true);
});

test('case 39: with propagation switched off nothing is written, and nothing of the app is taken away', async () => {
  propagation.disable();
  const own = { traceparent: string('own') };
  try {
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: own }));
    const [message] = await receive();
    expect(message?.MessageAttributes).toEqual(own);
    expect(message?.Attributes).not.toHaveProperty('AWSTraceHeader');
  } finally {
    propagation.setGlobalPropagator(createPropagator(['tracecontext', 'baggage']));
  }
});

test('case 40: what the SDK sends three times carries one context, and is one span', async () => {
  rig.failNext(2);
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
  const sent = rig.wire.filter(({ action }) => action === 'SendMessage');
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map(({ body }) => JSON.stringify(body.MessageAttributes))).size).toBe(1);
  const again = (span: ReadableSpan) => [span.name, span.attributes['http.request.resend_count']];
  expect(takeSpans().map(again)).toEqual([['send jobs', 2]]);
  rig.failNext(3);
  await expect(client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }))).rejects.toThrow();
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
  expect(takeSpans().map(again)).toEqual([
    ['send jobs', 2],
    ['send jobs', undefined],
  ]);
});

test("a send that fails is an error, and the input is the caller's again", async () => {
  const input = { QueueUrl: `${QueueUrl}-none`, MessageBody: 'job' };
  await expect(client.send(new sqs.SendMessageCommand(input))).rejects.toThrow();
  const [send] = takeSpans();
  expect(send?.status.code).toBe(SpanStatusCode.ERROR);
  expect(send?.attributes['error.type']).toEqual(expect.any(String));
  expect(Object.keys(input)).toEqual(['QueueUrl', 'MessageBody']);
});

test.each([
  [7, 'message_attribute'],
  [8, 'aws_trace_header'],
])('B3 in several headers beside %i attributes is whole or elsewhere', async (count, carrier) => {
  const usual = createPropagator(['tracecontext', 'baggage']);
  propagation.disable();
  propagation.setGlobalPropagator(createPropagator(['b3multi']));
  try {
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(count) }));
    const [message] = await receive();
    const send = named('send jobs');
    expect(send.attributes['messaging.context.carrier']).toBe(carrier);
    const { traceId, spanId, traceFlags } = send.spanContext();
    const from = trace.getSpanContext(messageOrigin(message ?? {}).context);
    expect(from).toMatchObject({ traceId, spanId, traceFlags });
    expect(Object.keys(message?.MessageAttributes ?? {})).toHaveLength(count === 7 ? 10 : 8);
    const written = injectHeaders(carriers.sqs, business(count), {
      context: trace.setSpanContext(context.active(), from!),
    });
    expect(Object.keys(written)).toHaveLength(count === 7 ? 10 : 8);
  } finally {
    propagation.disable();
    propagation.setGlobalPropagator(usual);
  }
});
