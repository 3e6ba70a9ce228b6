// A batch in a handler of Lambda, with the official instrumentation of Lambda and without.
import { expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { runApp } from '../support/processes.ts';

const traces = ['0af7651916cd43dd8448eb211c80319c', '1af7651916cd43dd8448eb211c80319c'];
const platform = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:abc:0';
const event = {
  Records: ['good', 'bad'].map((body, at) => ({
    messageId: `m-${at}`,
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1', AWSTraceHeader: platform },
    messageAttributes: { traceparent: { dataType: 'String', stringValue: `00-${traces[at]}-b7ad6b7169203331-01` } },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:jobs',
    awsRegion: 'us-east-1',
  })),
};

const run = async (event: object, env: Record<string, string>) => {
  const receiver = await startReceiver();
  const app = runApp({
    args: ['test/e2e/fixtures/messaging/lambda.cjs'],
    env: {
      OTEL_SERVICE_NAME: 'ship',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      EVENT: JSON.stringify(event),
      AWS_REGION: 'us-east-1',
      ...env,
    },
  });
  const { code } = await app.exit;
  await receiver.close();
  expect(code, app.stderr()).toBe(0);
  return { spans: receiver.spans, answer: app.stdout().trim() };
};

const notification = {
  Type: 'Notification',
  MessageId: 'n-1',
  TopicArn: 'arn:aws:sns:us-east-1:123456789012:orders',
  Message: 'good',
  Timestamp: '2026-11-21T08:00:00.000Z',
  MessageAttributes: { traceparent: { Type: 'String', Value: `00-${traces[0]}-b7ad6b7169203331-01` } },
};
const ours = `Root=1-${traces[0]?.slice(0, 8)}-${traces[0]?.slice(8)};Parent=53995c3f42cd8ad8;Sampled=0`;

test.concurrent.each([
  ['SNS', { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: notification }] }, platform],
  [
    'EventBridge',
    { version: '0', id: 'e-1', 'detail-type': 'order placed', source: 'shop', detail: { order: 7 } },
    `${ours};Keeptrace=b7ad6b7169203331-1;Lineage=1:abc:0`,
  ],
])(
  'cases 25, 27: an event that Lambda is handed by %s, with its instrumentation, is in the trace of who sent it',
  async (_, event, header) => {
    const env = { INSTRUMENTED: '1', AWS_LAMBDA_FUNCTION_NAME: 'ship', _X_AMZN_TRACE_ID: header };
    const { spans, answer } = await run(event, env);
    expect(answer).toBe('{"batchItemFailures":[]}');
    expect(spans.map(({ kind, name }) => `${kind} ${name}`).sort(), spanTree(spans)).toEqual([
      'consumer order.ship',
      'server ship',
    ]);
    const message = spans.find(({ name }) => name === 'order.ship');
    expect([message?.traceId, message?.parentSpanId]).toEqual([traces[0], 'b7ad6b7169203331']);
    expect(message?.links.map(({ spanId }) => spanId)).toEqual([spans.find(({ kind }) => kind === 'server')?.spanId]);
  },
);

test.each([
  ['with', { INSTRUMENTED: '1' }],
  ['without', {}],
])(
  'cases 11, 12, 27: %s the instrumentation of Lambda there is one span for the batch and one per message, in its own trace',
  async (_, env) => {
    const receiver = await run(event, env);
    expect(receiver.answer).toBe('{"batchItemFailures":[{"itemIdentifier":"m-1"}]}');

    const tree = spanTree(receiver.spans);
    const batches = receiver.spans.filter((span) => span.attributes['messaging.batch.message_count'] === 2);
    expect(
      batches.map((span) => [span.kind, span.name]),
      tree,
    ).toEqual([['consumer', 'process jobs']]);
    expect(batches[0]?.links.map((link) => link.traceId)).toEqual(traces);
    const invocation = receiver.spans.find((span) => span.kind === 'server');
    expect(invocation !== undefined).toBe('INSTRUMENTED' in env);

    const messages = receiver.spans.filter((span) => span.name === 'order.ship');
    expect(messages.map((span) => span.traceId).sort(), tree).toEqual(traces);
    const around = invocation ?? batches[0];
    for (const span of messages) {
      expect(span.parentSpanId).toBe('b7ad6b7169203331');
      expect(span.links.map((link) => link.spanId)).toEqual([around?.spanId]);
      expect(span.status.code).toBe(span.traceId === traces[1] ? 'error' : 'unset');
    }
    expect(receiver.spans).toHaveLength(invocation === undefined ? 3 : 4);
  },
);
