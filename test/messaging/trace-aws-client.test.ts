import type { SNSClient } from '@aws-sdk/client-sns';
import { context, diag, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { AlwaysOnSampler, type ReadableSpan, SamplingDecision } from '@opentelemetry/sdk-trace';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { traceAwsClient } from '../../src/messaging/trace-aws-client.ts';
import { fromXRayHeader } from '../../src/messaging/xray-header.ts';
import { inSpan, instrument, load, startAwsRig, takeSpans } from './aws-rig.ts';

const instrumentation = instrument();
const sqs = load('@aws-sdk/client-sqs') as typeof import('@aws-sdk/client-sqs');
const sns = load('@aws-sdk/client-sns') as typeof import('@aws-sdk/client-sns');
const lambda = load('@aws-sdk/client-lambda') as typeof import('@aws-sdk/client-lambda');
const dynamo = load('@aws-sdk/client-dynamodb') as typeof import('@aws-sdk/client-dynamodb');
const rig = await startAwsRig();
const { QueueUrl } = await new sqs.SQSClient(rig.config).send(new sqs.CreateQueueCommand({ QueueName: 'jobs' }));
afterAll(() => rig.close());
beforeEach(() => {
  takeSpans();
  rig.wire.length = 0;
});

/** As in a bundled app. */
const without = async <T>(run: () => Promise<T>): Promise<T> => {
  instrumentation.disable();
  try {
    return await run();
  } finally {
    instrumentation.enable();
  }
};

const TopicArn = 'arn:aws:sns:eu-central-1:123456789012:paid';
const business = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, { DataType: 'String', StringValue: 'v' }]));
const shape = (spans: ReadableSpan[]) =>
  spans.map(({ name, kind, status, attributes, links, parentSpanContext }) => ({
    name,
    kind,
    status: status.code,
    links: links.length,
    child: parentSpanContext !== undefined,
    attributes: Object.fromEntries(
      Object.entries(attributes).filter(
        ([key, value]) =>
          /^(messaging|rpc|aws\.sqs|aws\.sns|error)/.test(key) && !/message\.id$/.test(key) && value !== undefined,
      ),
    ),
  }));
const headerSent = () => rig.wire[0]?.headers['x-amzn-trace-id'] as string | undefined;

/** Everything a service does with a queue. */
async function work(client: InstanceType<typeof sqs.SQSClient>): Promise<void> {
  await inSpan(async () => {
    await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job', MessageAttributes: business(2) }));
    await client.send(
      new sqs.SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'job' },
          { Id: 'b', MessageBody: '' },
        ],
      }),
    );
    await client.send(new sqs.SendMessageCommand({ QueueUrl: `${QueueUrl}x`, MessageBody: 'job' })).catch(() => {});
    const { Messages = [] } = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of Messages)
      await client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  });
}

test('case 37: with the instrumentation, without it, or with both, the same spans and one traceparent', async () => {
  const run = async (client: InstanceType<typeof sqs.SQSClient>) => {
    rig.wire.length = 0;
    await work(client);
    const sent = rig.wire.map(({ action, body }) => [
      action,
      Object.keys(body.MessageAttributes ?? {}),
      body.MessageSystemAttributeNames,
      body.MessageAttributeNames,
    ]);
    return { spans: shape(takeSpans()), sent };
  };
  const instrumented = await run(new sqs.SQSClient(rig.config));
  const both = await run(traceAwsClient(traceAwsClient(new sqs.SQSClient(rig.config))));
  instrumentation.disable();
  const alone = await run(traceAwsClient(traceAwsClient(new sqs.SQSClient(rig.config)))).finally(() =>
    instrumentation.enable(),
  );
  expect(instrumented.spans.map(({ name }) => name)).toEqual([
    'send jobs',
    'create jobs',
    'create jobs',
    'send jobs',
    'send jobsx',
    'receive jobs',
    'SQS.DeleteMessage',
    'SQS.DeleteMessage',
    'app',
  ]);
  expect(instrumented.sent[0]).toEqual(['SendMessage', ['a0', 'a1', 'traceparent'], undefined, undefined]);
  expect(both).toEqual(instrumented);
  expect(alone).toEqual(instrumented);
});

describe('without the instrumentation', () => {
  test('a receive asks for the trace and links to those who sent', async () => {
    const client = traceAwsClient(new sqs.SQSClient(rig.config));
    await without(async () => {
      await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
      await client.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
    });
    const [send, receive] = takeSpans();
    expect(receive?.links.map((link) => link.context.spanId)).toEqual([send?.spanContext().spanId]);
    expect(receive?.attributes['messaging.batch.message_count']).toBe(1);
    expect([send?.kind, receive?.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CLIENT]);
  });

  test('the HTTP request inside is not traced a second time', async () => {
    const client = traceAwsClient(new sqs.SQSClient(rig.config));
    const suppressed: boolean[] = [];
    const look = { step: 'finalizeRequest', name: 'look' } as const;
    client.middlewareStack.add(
      (next) => (args) => {
        suppressed.push(isTracingSuppressed(context.active()));
        return next(args);
      },
      look,
    );
    await without(() => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })));
    expect(suppressed).toEqual([true]);
  });

  test("the caller's input is untouched, frozen or not", async () => {
    const client = traceAwsClient(new sqs.SQSClient(rig.config));
    const input = Object.freeze({ QueueUrl, MessageBody: 'job', MessageAttributes: Object.freeze(business(1)) });
    await without(() => client.send(new sqs.SendMessageCommand(input)));
    expect(Object.keys(rig.wire[0]?.body.MessageAttributes ?? {})).toEqual(['a0', 'traceparent']);
    expect(input.MessageAttributes).toEqual(business(1));
  });

  test('case 28: the context of a trace that is not recorded goes along', async () => {
    const client = traceAwsClient(new sqs.SQSClient(rig.config));
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const unsampled = trace.wrapSpanContext({ traceId, spanId: 'b7ad6b7169203331', traceFlags: 0 });
    const sampler = vi.spyOn(AlwaysOnSampler.prototype, 'shouldSample');
    sampler.mockReturnValue({ decision: SamplingDecision.NOT_RECORD });
    await without(() =>
      context.with(trace.setSpan(context.active(), unsampled), () =>
        client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })),
      ),
    ).finally(() => sampler.mockRestore());
    const sent = rig.wire[0]?.body as { MessageAttributes?: { traceparent: { StringValue: string } } } | undefined;
    expect(sent?.MessageAttributes?.traceparent.StringValue).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
  });

  test('a middleware that throws at once ends the span', async () => {
    const client = traceAwsClient(new sqs.SQSClient(rig.config));
    client.middlewareStack.addRelativeTo(
      () => () => {
        throw new Error('at once');
      },
      { relation: 'after', toMiddleware: 'keeptrace-initialize', name: 'throws' },
    );
    const sent = without(async () => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })));
    await expect(sent).rejects.toThrow('at once');
    expect(takeSpans().map(({ name, status }) => [name, status.code])).toEqual([['send jobs', SpanStatusCode.ERROR]]);
  });

  test('case 40: a call that was repeated is one span, which says how often', async () => {
    const client = traceAwsClient(new sqs.SQSClient(rig.config));
    rig.failNext(2);
    await without(() => client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' })));
    expect(takeSpans().map((span) => [span.name, span.attributes['http.request.resend_count']])).toEqual([
      ['send jobs', 2],
    ]);
    const sent = rig.wire.map(({ body }) => JSON.stringify(body.MessageAttributes));
    expect([sent.length, new Set(sent).size]).toEqual([3, 1]);
  });

  test('a call of another service is a span, and an error one with its type', async () => {
    const client = traceAwsClient(new dynamo.DynamoDBClient({ ...rig.config, maxAttempts: 1 }));
    rig.failNext(1);
    const get = () => client.send(new dynamo.GetItemCommand({ TableName: 't', Key: { id: { S: '1' } } }));
    await without(async () => {
      await expect(get()).rejects.toThrow();
      await get();
    });
    const [failed, fine] = takeSpans();
    expect([failed?.name, failed?.status.code, failed?.attributes['error.type']]).toEqual([
      'DynamoDB.GetItem',
      SpanStatusCode.ERROR,
      'ServiceUnavailable',
    ]);
    expect([fine?.name, fine?.status.code, fine?.kind]).toEqual([
      'DynamoDB.GetItem',
      SpanStatusCode.UNSET,
      SpanKind.CLIENT,
    ]);
  });
});

test("with an instrumentation of the app's own, the client sends what that one would not", async () => {
  const ours = instrumentation.getConfig();
  instrumentation.setConfig({ suppressInternalInstrumentation: true });
  const client = traceAwsClient(new sqs.SQSClient(rig.config));
  const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: 'job', MessageAttributes: business(9) }));
  await client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
  instrumentation.setConfig(ours);
  const creates = takeSpans().filter(({ name }) => name === 'create jobs');
  const sent = (rig.wire[0]?.body.Entries ?? []) as { MessageAttributes?: Record<string, { StringValue?: string }> }[];
  expect(sent.map(({ MessageAttributes }) => MessageAttributes?.traceparent?.StringValue?.split('-')[2])).toEqual(
    creates.map((span) => span.spanContext().spanId),
  );
  expect(creates).toHaveLength(2);
});

describe('the HTTP header', () => {
  test('case 6: takes the trace along with ten attributes, and no eleventh is sent', async () => {
    const client = traceAwsClient(new sns.SNSClient(rig.config));
    await client.send(new sns.PublishCommand({ TopicArn, Message: 'paid', MessageAttributes: business(10) }));
    const [span] = takeSpans();
    expect(fromXRayHeader(headerSent())?.spanId).toBe(span?.spanContext().spanId);
    expect(Object.keys(rig.wire[0]?.body ?? {}).filter((key) => key.endsWith('.Name'))).toHaveLength(10);
    expect(span?.attributes['messaging.context.carrier']).toBe('http_header');
  });

  test('where it goes, nobody is told that a message lacks its trace', async () => {
    const warn = vi.spyOn(diag, 'warn').mockReturnValue();
    const publish = async (client: SNSClient) => {
      const full = { Message: 'paid', MessageAttributes: business(10) };
      const PublishBatchRequestEntries = [
        { Id: 'a', ...full },
        { Id: 'b', Message: 'paid' },
      ];
      await client.send(new sns.PublishCommand({ TopicArn, ...full }));
      await client.send(new sns.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
      return warn.mock.calls.splice(0).flat();
    };
    const told = [
      await publish(new sns.SNSClient(rig.config)),
      await publish(traceAwsClient(new sns.SNSClient(rig.config))),
      await without(() => publish(traceAwsClient(new sns.SNSClient(rig.config)))),
    ];
    warn.mockRestore();
    const lacks = expect.stringContaining('goes out without its trace');
    expect(told).toEqual([[lacks, lacks], [], []]);
  });

  test('case 24: goes with a message that is made for each protocol', async () => {
    const client = traceAwsClient(new sns.SNSClient(rig.config));
    await client.send(new sns.PublishCommand({ TopicArn, Message: '{"default":"paid"}', MessageStructure: 'json' }));
    expect(fromXRayHeader(headerSent())?.spanId).toBe(takeSpans()[0]?.spanContext().spanId);
  });

  test.each([
    ['cases 6, 22: goes with a batch of which some messages have ten attributes', { MessageAttributes: business(10) }],
    ['case 24: goes with a batch of which some messages are made for each protocol', { MessageStructure: 'json' }],
  ])('%s', async (_, second) => {
    const client = traceAwsClient(new sns.SNSClient(rig.config));
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: 'paid' },
      { Id: 'b', Message: '{"default":"paid"}', ...second },
    ];
    await client.send(new sns.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    const send = takeSpans().find(({ name }) => name === 'send paid');
    expect(fromXRayHeader(headerSent())?.spanId).toBe(send?.spanContext().spanId);
  });

  test('case 43: takes the trace to a function that is called asynchronously', async () => {
    const client = traceAwsClient(new lambda.LambdaClient(rig.config));
    await client.send(new lambda.InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }));
    expect(rig.wire[0]?.headers['x-amz-client-context']).toBeUndefined();
    expect(fromXRayHeader(headerSent())?.spanId).toBe(takeSpans()[0]?.spanContext().spanId);
  });

  test("case 27: within Lambda, replaces the platform's trace and keeps its lineage", async () => {
    process.env.AWS_LAMBDA_FUNCTION_NAME = 'f';
    process.env._X_AMZN_TRACE_ID =
      'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:abc:0';
    try {
      const client = traceAwsClient(new lambda.LambdaClient(rig.config));
      await client.send(new lambda.InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }));
      expect(headerSent()).toMatch(/;Sampled=1;Keeptrace=[0-9a-f]{16}-1;Lineage=1:abc:0$/);
      expect(fromXRayHeader(headerSent())?.spanId).toBe(takeSpans()[0]?.spanContext().spanId);
    } finally {
      delete process.env.AWS_LAMBDA_FUNCTION_NAME;
      delete process.env._X_AMZN_TRACE_ID;
    }
  });

  test('goes nowhere else', async () => {
    const client = traceAwsClient(new sns.SNSClient(rig.config));
    await client.send(new sns.PublishCommand({ TopicArn, Message: 'paid' }));
    await client.send(
      new sns.PublishCommand({
        PhoneNumber: '+4915112345678',
        Message: 'paid',
        MessageStructure: 'json',
        MessageAttributes: business(10),
      }),
    );
    await traceAwsClient(new sqs.SQSClient(rig.config)).send(
      new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'job' }),
    );
    expect(rig.wire.map(({ headers }) => headers['x-amzn-trace-id'])).toEqual([undefined, undefined, undefined]);
  });
});

test.each<[string, object]>([
  ['no client', {}],
  ['null for a stack', { middlewareStack: null }],
  [
    'a stack that throws',
    {
      middlewareStack: {
        add: () => {
          throw new Error('x');
        },
      },
    },
  ],
])('%s comes back as it is', (_, client) => {
  expect(traceAwsClient(client)).toBe(client);
});
