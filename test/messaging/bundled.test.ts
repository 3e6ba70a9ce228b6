// An app in one file, as esbuild makes it: the AWS client is inside, and nothing can be patched.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { trace } from '@opentelemetry/api';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carriers, extractHeaders } from '../../src/messaging/carriers.ts';
import { inSpan, instrument, load, startAwsRig, takeSpans } from './aws-rig.ts';

instrument();
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bundled-'));
const rig = await startAwsRig();
beforeAll(async () => {
  const entry = `
    import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
    import { traceAwsClient } from ${JSON.stringify(join(root, 'src/messaging/trace-aws-client.ts'))};
    export async function run(config, traced) {
      const client = traced ? traceAwsClient(new SQSClient(config)) : new SQSClient(config);
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'jobs' }));
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
    }`;
  const common = {
    stdin: { contents: entry, resolveDir: root, loader: 'ts' as const },
    bundle: true,
    platform: 'node' as const,
    logLevel: 'error' as const,
  };
  await build({ ...common, format: 'cjs', outfile: join(folder, 'app.cjs') });
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({ ...common, format: 'esm', outfile: join(folder, 'app.mjs'), banner: { js: require } });
  writeFileSync(join(folder, 'package.json'), '{}');
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await rig.close();
});

async function run(file: string, traced: boolean) {
  takeSpans();
  rig.wire.length = 0;
  const path = join(folder, file);
  const app = file.endsWith('.cjs') ? load(path) : await import(pathToFileURL(path).href);
  await inSpan(() => app.run(rig.config, traced));
  const sent = rig.wire.find(({ action }) => action === 'SendMessage')?.body;
  return { spans: takeSpans(), carried: trace.getSpanContext(extractHeaders(carriers.sqs, sent?.MessageAttributes)) };
}

test.each(['app.cjs', 'app.mjs'])('case 37: %s of a bundler traces its client when told to', async (file) => {
  const { spans, carried } = await run(file, true);
  expect(spans.map(({ name }) => name)).toEqual(['SQS.CreateQueue', 'send jobs', 'app']);
  expect(carried).toMatchObject({ spanId: spans[1]?.spanContext().spanId, traceId: spans[2]?.spanContext().traceId });
});

test('without that it has no spans of AWS, and sends no context', async () => {
  const { spans, carried } = await run('app.cjs', false);
  expect(spans.map(({ name }) => name)).toEqual(['app']);
  expect(carried).toBeUndefined();
});
