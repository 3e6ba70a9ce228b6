// One order over SNS, raw and in its envelope, one by one, as a batch and as a structure, and over EventBridge, as it is
// and reshaped behind another topic: one trace, also where the platform sends a header of its own with everything.
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { startTestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

const platform = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:abc:0';
// No function handler, hence no invocation to trace: the SDK alone looks at these.
const inLambda = { AWS_LAMBDA_FUNCTION_NAME: 'shop', _X_AMZN_TRACE_ID: platform };

test.each([
  ['cases 4, 6, 22, 24, 25, 26: whatever way a message comes into the queue', {}],
  ['case 27: also out of a function of Lambda', inLambda],
])('%s, it is in the order’s trace', async (_, env) => {
  const [aws, receiver] = await Promise.all([startTestAws(), startReceiver()]);
  const [raw, enveloped, events] = [await aws.queue('raw'), await aws.queue('enveloped'), await aws.queue('events')];
  const reshaped = await aws.queue('reshaped');
  const topics = [
    await aws.topic('orders-raw', 'raw', { RawMessageDelivery: 'true' }),
    await aws.topic('orders', 'enveloped'),
  ];
  const EventPattern = JSON.stringify({ source: ['shop'] });
  await aws.events.send(new PutRuleCommand({ Name: 'all', EventPattern }));
  const InputTransformer = { InputPathsMap: { id: '$.source' }, InputTemplate: '{"way":"reshaped","by":<id>}' };
  const Targets = [
    { Id: 'events', Arn: aws.queueArn('events') },
    { Id: 'topic', Arn: await aws.topic('reshaped', 'reshaped'), InputTransformer },
    { Id: 'queue', Arn: aws.queueArn('reshaped'), InputTransformer },
  ];
  await aws.events.send(new PutTargetsCommand({ Rule: 'all', Targets }));
  const app = runApp({
    args: ['--import', 'keeptrace/register', 'test/e2e/fixtures/messaging/fan-out.mjs'],
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ENDPOINT: aws.endpoint,
      TOPICS: topics.join(' '),
      QUEUES: `${raw}#5 ${enveloped}#5 ${events}#1 ${reshaped}#2`,
      ...env,
    },
  });
  const { code } = await app.exit;
  await Promise.all([aws.close(), receiver.close()]);
  expect(code, app.stderr()).toBe(0);

  const tree = spanTree(receiver.spans);
  const order = receiver.spans.find((span) => span.name === 'order');
  const producers = new Map(receiver.spans.map((span) => [span.spanId, span.kind]));
  const spans = receiver.spans.filter((span) => span.name === 'order.ship');
  for (const span of spans) {
    expect(span.traceId, tree).toBe(order?.traceId);
    expect(producers.get(span.parentSpanId ?? ''), tree).toBe('producer');
  }
  const told = spans.map(({ attributes }) =>
    ['messaging.destination.name', 'way', 'messaging.delivered_via', 'messaging.context.source']
      .map((key) => attributes[key])
      .join(', '),
  );
  expect(told.sort()).toEqual([
    'enveloped, batch a, sns, sns_envelope',
    'enveloped, batch b, sns, sns_envelope',
    'enveloped, full, sns, aws_trace_header',
    'enveloped, single, sns, sns_envelope',
    'enveloped, structure, sns, aws_trace_header',
    'events, event, eventbridge, aws_trace_header',
    'raw, batch a, sqs, message_attribute',
    'raw, batch b, sqs, message_attribute',
    'raw, full, sqs, aws_trace_header',
    'raw, overflow, sqs, aws_trace_header',
    'raw, single, sqs, message_attribute',
    'reshaped, reshaped, sns, aws_trace_header',
    'reshaped, reshaped, sqs, aws_trace_header',
  ]);
});
