// Case 36 with Nest itself: a controller that publishes and a provider whose method consumes, with the decorators of Nest.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { startTestAws, type TestAws } from '../support/aws/aws-clients.ts';
import { type Bundle, bundle } from '../support/bundle.ts';
import { runApp } from '../support/processes.ts';

const entry = 'test/e2e/fixtures/nest/app.ts';
const optional = ['websockets/*', 'microservices', 'microservices/*'].map((name) => `@nestjs/${name}`);
const builds = ['esm', 'cjs', 'bundle'] as const;
const preload = ['--import', 'keeptrace/register'];

let aws: TestAws;
let receiver: Receiver;
let files: Record<(typeof builds)[number], Bundle>;
beforeAll(async () => {
  [aws, receiver] = await Promise.all([startTestAws(), startReceiver()]);
  files = {
    esm: await bundle(entry, { format: 'esm', packagesOutside: true }),
    cjs: await bundle(entry, { packagesOutside: true }),
    bundle: await bundle(entry, { absent: [...optional, 'class-transformer', 'class-validator'] }),
  };
});
afterAll(async () => {
  for (const file of Object.values(files)) file.remove();
  await Promise.all([aws.close(), receiver.close()]);
});

/** What the app prints; its queue is empty afterwards. */
async function run(build: (typeof builds)[number], service: string, flags: string[]): Promise<string[]> {
  const env = {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    ENDPOINT: aws.endpoint,
    QUEUE_URL: await aws.queue(service, { VisibilityTimeout: '1' }),
  };
  const app = runApp({ args: [...flags, files[build].file], env });
  const { code } = await app.exit;
  expect(code, app.stderr()).toBe(0);
  expect(await aws.receive(service, { WaitTimeSeconds: 0 })).toEqual([]);
  return app.stdout().trim().split('\n').sort();
}
const spansOf = (service: string) => receiver.spans.filter(({ resource }) => resource['service.name'] === service);

test.concurrent.each(builds)('case 36: Nest (%s): one span per attempt, in the trace of the request', async (build) => {
  const service = `traced-${build}`;
  expect(await run(build, service, preload)).toEqual(asEver);
  const spans = spansOf(service);
  const tree = spanTree(spans);
  const attempts = spans.filter(({ name }) => name === 'order.ship');
  expect(attempts.map(({ status, attributes }) => `${attributes['job.attempt']} ${status.code}`).sort(), tree).toEqual([
    '1 error',
    '1 unset',
    '2 unset',
  ]);
  for (const attempt of attempts) {
    const send = spans.find(({ spanId }) => spanId === attempt.parentSpanId);
    const request = spans.find(({ spanId }) => spanId === send?.parentSpanId);
    expect([send?.kind, request?.kind], tree).toEqual(['producer', 'server']);
    expect([send?.traceId, request?.traceId]).toEqual([attempt.traceId, attempt.traceId]);
  }
  const messages = spans.filter(({ kind }) => kind === 'consumer' || kind === 'producer');
  expect(
    messages.filter(({ name }) => !/receive/.test(name)),
    tree,
  ).toHaveLength(5);
});

const asEver = [
  '201 queued',
  '201 queued',
  'acknowledged bad',
  'acknowledged good',
  'processing_error Unexpected message handler failure: no stock',
];
test.concurrent('case 36: Nest, without tracing, does the same', async () => {
  expect(await run('cjs', 'untraced', [])).toEqual(asEver);
  expect(spansOf('untraced')).toEqual([]);
});
