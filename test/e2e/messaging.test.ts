// A message's way from an HTTP request through SQS to its handler, as a process of its own, loaded in every way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { startTestAws, type TestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

let aws: TestAws;
let receiver: Receiver;
let queueUrl: string;
beforeAll(async () => {
  aws = await startTestAws();
  receiver = await startReceiver();
});
beforeEach(async (context) => {
  receiver.clear();
  queueUrl = await aws.queue(`jobs-${context.task.id.replace(/\W/g, '')}`);
});
afterAll(() => Promise.all([aws.close(), receiver.close()]));

async function runShop(file: string, env: Record<string, string> = {}, flags = ['--import', 'keeptrace/register']) {
  const app = runApp({
    args: [...flags, isAbsolute(file) ? file : `test/e2e/fixtures/messaging/${file}`],
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ENDPOINT: aws.endpoint,
      QUEUE_URL: queueUrl,
      ...env,
    },
  });
  const { code } = await app.exit;
  return { code, stdout: app.stdout(), stderr: app.stderr() };
}
const queue = () => queueUrl.split('/').pop();

test.each(['shop.mjs', 'shop.cjs'])('cases 1, 38: %s, one trace from the request to the write', async (file) => {
  const { code, stdout, stderr } = await runShop(file);
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '{"report":7}\n' });

  const process = receiver.spans.find((span) => span.kind === 'consumer' && span.name === 'campaign.sync_report');
  const chain: string[] = [];
  const write = receiver.spans.find((span) => span.name === 'write report');
  for (let at = write; at; at = receiver.spans.find((span) => span.spanId === at?.parentSpanId)) {
    chain.push(`${at.kind} ${at.name}`);
  }
  expect(chain, spanTree(receiver.spans)).toEqual([
    'internal write report',
    'consumer campaign.sync_report',
    expect.stringMatching(/^producer .*send/),
    'server POST /reports',
    'client POST',
  ]);
  expect(process?.traceId).toBe(write?.traceId);
  expect(process?.attributes).toMatchObject({
    'messaging.system': 'aws_sqs',
    'messaging.system.name': 'aws.sqs',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue(),
    'messaging.context.source': 'message_attribute',
    'messaging.message.id': expect.any(String),
    'aws.sqs.message.receive_count': 1,
    'job.type': 'campaign.sync_report',
    'job.attempt': 1,
    'job.outcome': 'success',
    'tenant.id': 'acme',
  });
  // Neither the empty poll nor the deletion is worth a trace.
  expect(receiver.spans.map((span) => span.name).filter((name) => name.includes('Delete'))).toEqual([]);
  const polls = receiver.spans.filter((span) => span.attributes['messaging.operation.type'] === 'receive');
  expect(polls.map((span) => span.attributes['messaging.batch.message_count'])).toEqual([1]);
});

test.each(['esm', 'cjs'] as const)(
  'case 37: in a bundle (%s) with everything in it, the trace has the same shape',
  async (format) => {
    const { build } = await import('esbuild');
    const folder = mkdtempSync(join(tmpdir(), 'keeptrace-bundle-'));
    const outfile = join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
    const root = join(import.meta.dirname, '../..');
    await build({
      entryPoints: [join(root, 'test/e2e/fixtures/messaging/bundled.mjs')],
      bundle: true,
      platform: 'node',
      format,
      outfile,
      minify: true,
      logLevel: 'silent',
      alias: { 'keeptrace/messaging': join(root, 'dist/esm/messaging.js') },
      banner:
        format === 'esm'
          ? { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" }
          : {},
    });
    const { code, stdout, stderr } = await runShop(outfile);
    rmSync(folder, { recursive: true });
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '{"report":7}\n' });
    const chain: string[] = [];
    const process = receiver.spans.find((span) => span.name === 'campaign.sync_report');
    for (let at = process; at; at = receiver.spans.find((span) => span.spanId === at?.parentSpanId)) {
      chain.push(`${at.kind} ${at.name}`);
    }
    expect(chain, spanTree(receiver.spans)).toEqual([
      'consumer campaign.sync_report',
      expect.stringMatching(/^producer .*send/),
      'server POST /reports',
      'client POST',
    ]);
  },
);

test('a handler’s error keeps its trace, whatever the sampler said', async () => {
  const { stdout } = await runShop('shop.mjs', {
    FAIL: 'no report',
    OTEL_TRACES_SAMPLER_ARG: '0',
    NODE_ENV: 'production',
  });
  expect(stdout).toBe('"no report"\n');
  const process = receiver.spans.find((span) => span.name === 'campaign.sync_report');
  expect(process?.status).toEqual({ code: 'error', message: 'no report' });
  expect(process?.attributes).toMatchObject({ 'error.type': 'Error', 'job.outcome': 'dead_letter' });
  expect(process?.events.map((event) => event.name)).toEqual(['exception', 'messaging.dead_lettered']);
});

test.each([
  ['without the preload', 'shop.mjs', {}, []],
  ['without the preload, required', 'shop.cjs', {}, []],
  ['switched off', 'shop.mjs', { OTEL_SDK_DISABLED: 'true' }, undefined],
])('case 39: %s, messages are processed as ever', async (_, file, env, flags) => {
  const { code, stdout } = await runShop(file, env, flags);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '{"report":7}\n' });
  const failed = await runShop(file, { ...env, FAIL: 'no report' }, flags);
  expect(failed).toMatchObject({ code: 0, stdout: '"no report"\n' });
  expect(receiver.spans).toEqual([]);
});
