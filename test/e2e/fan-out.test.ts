// One order over SNS, raw and in its envelope, one by one and as a batch, and over EventBridge: one trace.
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { startTestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

test('cases 22, 25: whatever way a message comes into the queue, it is in the order’s trace', async () => {
  const [aws, receiver] = await Promise.all([startTestAws(), startReceiver()]);
  const [raw, enveloped, events] = [await aws.queue('raw'), await aws.queue('enveloped'), await aws.queue('events')];
  const topics = [
    await aws.topic('orders-raw', 'raw', { RawMessageDelivery: 'true' }),
    await aws.topic('orders', 'enveloped'),
  ];
  const EventPattern = JSON.stringify({ source: ['shop'] });
  await aws.events.send(new PutRuleCommand({ Name: 'all', EventPattern }));
  const Targets = [{ Id: 'events', Arn: aws.queueArn('events') }];
  await aws.events.send(new PutTargetsCommand({ Rule: 'all', Targets }));
  const app = runApp({
    args: ['--import', 'keeptrace/register', 'test/e2e/fixtures/messaging/fan-out.mjs'],
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ENDPOINT: aws.endpoint,
      TOPICS: topics.join(' '),
      QUEUES: `${raw}#3 ${enveloped}#3 ${events}#1`,
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
    expect(producers.get(span.parentSpanId ?? ''), tree).toBe(span.attributes.way === 'event' ? 'client' : 'producer');
  }
  const told = spans.map(({ attributes }) =>
    ['messaging.destination.name', 'way', 'messaging.delivered_via', 'messaging.context.source']
      .map((key) => attributes[key])
      .join(', '),
  );
  expect(told.sort()).toEqual([
    'enveloped, batch a, sns, sns_envelope',
    'enveloped, batch b, sns, sns_envelope',
    'enveloped, single, sns, sns_envelope',
    'events, event, eventbridge, aws_trace_header',
    'raw, batch a, sqs, message_attribute',
    'raw, batch b, sqs, message_attribute',
    'raw, single, sqs, message_attribute',
  ]);
});
