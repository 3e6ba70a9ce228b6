// The examples with queues, run as their READMEs say, against the test bed.
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { startTestAws, type TestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

let aws: TestAws;
let receiver: Receiver;
beforeAll(async () => {
  aws = await startTestAws();
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
afterAll(() => Promise.all([aws.close(), receiver.close()]));

const good = JSON.stringify({ id: 'a17', items: ['book'] });
const bad = JSON.stringify({ id: 'b18', items: [] });
const traceparent = (n: number) => `00-${String(n).repeat(32)}-${String(n).repeat(16)}-01`;
const environment = () => ({
  OTEL_SERVICE_NAME: 'example',
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  AWS_ENDPOINT_URL_SQS: aws.endpoint,
  AWS_REGION: aws.region,
  AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
});

test('the worker ships what it can, retries what fails, and ends on SIGTERM', async () => {
  const queueUrl = await aws.queue('orders', { VisibilityTimeout: '1' });
  for (const [n, MessageBody] of [good, bad].entries()) {
    const MessageAttributes = { traceparent: { DataType: 'String', StringValue: traceparent(n + 1) } };
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, MessageAttributes }));
  }
  const app = runApp({
    args: ['--import', 'keeptrace/register', 'examples/sqs-worker/worker.mjs'],
    env: { ...environment(), QUEUE_URL: queueUrl },
  });
  const jobs = () => receiver.spans.filter(({ name }) => name === 'order.ship');
  await app.line(/shipped a17, attempt 1/);
  await receiver.waitFor(() => jobs().length >= 3, 20_000);
  app.kill('SIGTERM');
  expect(await app.exit).toMatchObject({ code: 0 });
  const seen = jobs().map(({ traceId, attributes: a }) => [traceId[0], a['job.attempt'], a['job.outcome']]);
  expect(seen).toContainEqual(['1', 1, 'success']);
  expect(seen).toContainEqual(['2', 1, 'retry']);
  expect(seen).toContainEqual(['2', 2, 'retry']);
});

test('the Lambda handler answers with what failed, each record in its own trace', async () => {
  const record = (messageId: string, body: string, n: number) => ({
    messageId,
    body,
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: { traceparent: { dataType: 'String', stringValue: traceparent(n) } },
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
  });
  const event = { Records: [record('one', good, 3), record('two', bad, 4)] };
  const call = `import('./examples/lambda-batch/handler.mjs').then(async ({ handler }) => {
    console.log(JSON.stringify(await handler(${JSON.stringify(event)})));
  });`;
  const app = runApp({ args: ['--import', 'keeptrace/register', '--eval', call], env: environment() });
  expect(await app.exit, app.stderr()).toMatchObject({ code: 0 });
  expect(JSON.parse(app.stdout())).toEqual({ batchItemFailures: [{ itemIdentifier: 'two' }] });
  const spans = await receiver.waitFor((all) => all.filter(({ name }) => name === 'order.ship').length === 2);
  const jobs = spans.filter(({ name }) => name === 'order.ship');
  expect(jobs.map(({ traceId, status }) => [traceId[0], status.code]).sort()).toEqual([
    ['3', 'unset'],
    ['4', 'error'],
  ]);
});
