// Case 36: with the libraries that people consume queues with there is one span per attempt, in the producer's trace, and
// acknowledgements are what they were.
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
  queueUrl = await aws.queue(`jobs-${context.task.id.replace(/\W/g, '')}`, { VisibilityTimeout: '1' });
});
afterAll(() => Promise.all([aws.close(), receiver.close()]));

async function run(file: string, library: string, flags: string[]) {
  const app = runApp({
    args: [...flags, `test/e2e/fixtures/messaging/${file}`],
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ENDPOINT: aws.endpoint,
      QUEUE_URL: queueUrl,
      LIBRARY: library,
    },
  });
  const { code } = await app.exit;
  expect(code, app.stderr()).toBe(0);
  // Ids of messages differ from run to run.
  return app.stdout().replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
}

const files = ['consumers.mjs', 'consumers.cjs'];
const libraries = [
  { library: 'sqs-consumer', says: /^processing_error .*no stock/, attempts: 3 },
  { library: 'powertools', says: /^\{"batchItemFailures":\[\{"itemIdentifier":"id"\}\]\}$/, attempts: 2 },
  { library: 'middy', says: /^\{"batchItemFailures":\[\{"itemIdentifier":"id"\}\]\}$/, attempts: 2 },
  { library: 'lambda', says: /^\{"batchItemFailures":\[\{"itemIdentifier":"id"\}\]\}$/, attempts: 2 },
];
const rows = libraries.flatMap((row) => files.map((file) => ({ ...row, file })));

test.each(rows)('case 36: $library, $file', async ({ library, says, attempts, file }) => {
  const untraced = await run(file, library, []);
  expect(untraced.trim()).toMatch(says);
  expect(receiver.spans).toEqual([]);
  const left = async () => (await aws.receive(queueUrl.split('/').pop() ?? '', { WaitTimeSeconds: 0 })).length;
  if (library === 'sqs-consumer') expect(await left()).toBe(0);

  queueUrl = await aws.queue(`traced-${library}-${file.replace('.', '-')}`, { VisibilityTimeout: '1' });
  expect(await run(file, library, ['--import', 'keeptrace/register'])).toBe(untraced);
  if (library === 'sqs-consumer') expect(await left()).toBe(0);
  const tree = spanTree(receiver.spans);
  const spans = receiver.spans.filter((span) => span.name === 'order.ship');
  expect(spans, tree).toHaveLength(attempts);
  expect(spans.filter((span) => span.status.code === 'error')).toHaveLength(1);
  const sends = new Map(
    receiver.spans.filter((span) => span.kind === 'producer').map((span) => [span.spanId, span.traceId]),
  );
  expect(sends.size).toBe(2);
  for (const span of spans) expect(sends.get(span.parentSpanId ?? ''), tree).toBe(span.traceId);
});
