// A message that fails three times, becomes a dead letter, and is moved back: one trace that tells which dependency failed
// and how often. With real redrive, in a process of its own.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { startTestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

test('cases 15, 16: three attempts, the dead letter and the second life are one trace, and it names the dependency', async () => {
  const [aws, receiver] = await Promise.all([startTestAws(), startReceiver()]);
  const payments = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => payments.listen(0, '127.0.0.1', resolve));
  const { port } = payments.address() as AddressInfo;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: aws.queueArn('charges-dlq'), maxReceiveCount: 3 });
  const DEAD = await aws.queue('charges-dlq', { VisibilityTimeout: '1' });
  const JOBS = await aws.queue('charges', { VisibilityTimeout: '1', RedrivePolicy });
  const app = runApp({
    args: ['--import', 'keeptrace/register', 'test/e2e/fixtures/messaging/worker.mjs'],
    env: {
      OTEL_SERVICE_NAME: 'worker',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ENDPOINT: aws.endpoint,
      JOBS,
      DEAD,
      JOBS_ARN: aws.queueArn('charges'),
      DEAD_ARN: aws.queueArn('charges-dlq'),
      PAYMENTS: `http://127.0.0.1:${port}/charge`,
    },
  });
  const { code } = await app.exit;
  await Promise.all([aws.close(), receiver.close()]);
  payments.close();
  expect(code, app.stderr()).toBe(0);
  expect(app.stdout().trim().split('\n')).toEqual([
    '1 payments said 503',
    '2 payments said 503',
    '3 payments said 503',
    '{"sourceQueue":"charges","attempts":3}',
    'charged true',
  ]);

  const tree = spanTree(receiver.spans);
  const trace = receiver.spans.find((span) => span.name === 'order')?.traceId;
  const told = receiver.spans
    .filter((span) => span.kind === 'consumer' && span.name.startsWith('order.'))
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  expect(
    told.map(({ name, attributes }) => [
      name,
      attributes['job.attempt'],
      attributes['job.outcome'],
      attributes['job.failed_dependency'],
      attributes['job.failure_count'],
    ]),
    tree,
  ).toEqual([
    ['order.charge', 1, 'retry', `127.0.0.1:${port}`, 1],
    ['order.charge', 2, 'retry', `127.0.0.1:${port}`, 2],
    ['order.charge', 3, 'dead_letter', `127.0.0.1:${port}`, 3],
    ['order.dead', 4, 'success', undefined, 3],
    ['order.charge', 1, 'success', undefined, undefined],
  ]);
  expect(told.map((span) => span.traceId)).toEqual(Array(5).fill(trace));
  expect(told[3]?.attributes).toMatchObject({
    'messaging.dead_letter.source': 'charges',
    'aws.sqs.message.receive_count': 4,
  });
});
