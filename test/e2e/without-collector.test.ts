// Messages of a process that is not traced, or whose collector is not there: sent, worked on and acknowledged as ever.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestAws, type TestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

let aws: TestAws;
let silent: Server;
let closed: string;
beforeAll(async () => {
  aws = await startTestAws();
  silent = createServer(() => {});
  const gone = createServer();
  for (const server of [silent, gone]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closed = urlOf(gone);
  await new Promise((resolve) => gone.close(resolve));
});
afterAll(async () => {
  silent.closeAllConnections();
  silent.close();
  await aws.close();
});
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';

test.concurrent.each<[name: string, env: () => Record<string, string>, traced: boolean]>([
  ['switched off', () => ({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: closed }), false],
  ['with nobody at the endpoint', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: closed }), true],
  ['with an endpoint that never answers', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: urlOf(silent) }), true],
  ['with no exporter', () => ({ OTEL_TRACES_EXPORTER: 'none' }), true],
])('case 39: %s, a message is sent, worked on, passed on and acknowledged as ever', async (name, env, traced) => {
  const queues = [`jobs ${name}`, `mails ${name}`].map((queue) => queue.replaceAll(' ', '-'));
  const urls = await Promise.all(queues.map((queue) => aws.queue(queue)));
  const app = runApp({
    args: ['--import', 'keeptrace/register', 'test/e2e/fixtures/messaging/forward.mjs'],
    env: {
      OTEL_SERVICE_NAME: 'shop',
      KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '300',
      ENDPOINT: aws.endpoint,
      QUEUES: urls.join(' '),
      ...env(),
    },
  });
  const port = (await app.line(/listening/)).split(' ')[1];
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    headers: { traceparent: `00-${traceId}-${caller}-01` },
  });
  const told = (await response.json()) as { attributes: string[]; traceparent?: string; header?: string }[];
  const answered = performance.now();
  expect((await app.exit).code, app.stderr()).toBe(0);
  expect(performance.now() - answered).toBeLessThan(5_000);

  const plain = { body: 'job', attributes: traced ? ['tenant', 'traceparent'] : ['tenant'] };
  expect(told).toEqual(Array(2).fill(traced ? { ...plain, traceparent: expect.any(String) } : plain));
  if (traced) {
    const spans = told.map(({ traceparent }) => traceparent?.split('-') ?? []);
    expect(spans.map((parts) => parts[1])).toEqual([traceId, traceId]);
    // Neither the caller's span nor that of the first message was sent again.
    expect(new Set([caller, ...spans.map((parts) => parts[2])]).size).toBe(3);
  }
  for (const QueueUrl of urls) {
    const { Attributes } = await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  }
});
