// Case 36: with the libraries that people consume queues with there is one span per attempt, in the producer's trace, and
// acknowledgements are what they were. Nest has a file of its own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReceivedSpan, type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { startTestAws, type TestAws } from '../support/aws/aws-clients.ts';
import { type Bundle, bundle } from '../support/bundle.ts';
import { runApp } from '../support/processes.ts';

const folder = 'test/e2e/fixtures/messaging';
const builds = ['consumers.mjs', 'consumers.cjs', 'a bundle'] as const;
interface Outcome {
  library: string;
  /** What it reported of each message, in order of the alphabet. */
  said: string[];
  /** The bodies of the messages that it gave back. */
  answer?: string[];
}
const acknowledged = ['message_processed bad', 'message_processed good'];
const failure = 'processing_error Unexpected message handler failure: no stock';
/** Whatever is acknowledged is what was without tracing: this. */
const libraries: (Outcome & { attempts: string[] })[] = [
  { library: 'sqs-consumer', said: [...acknowledged, failure], attempts: ['1 error', '1 unset', '2 unset'] },
  { library: 'sqs-consumer, in batches', said: acknowledged, attempts: ['1 error', '1 unset', '2 unset'] },
  { library: 'powertools', said: [], answer: ['bad'], attempts: ['1 error', '1 unset'] },
  { library: 'powertools, in order', said: [], answer: ['bad', 'late'], attempts: ['1 error', '1 unset'] },
  { library: 'middy', said: [], answer: ['bad'], attempts: ['1 error', '1 unset'] },
  { library: 'lambda', said: [], answer: ['bad'], attempts: ['1 error', '1 unset'] },
];

let aws: TestAws;
let receiver: Receiver;
let bundled: Bundle;
const runs: Record<string, { outcomes: Outcome[]; spans: ReceivedSpan[] }> = {};
beforeAll(async () => {
  [aws, receiver] = await Promise.all([startTestAws(), startReceiver()]);
  bundled = await bundle(`${folder}/consumers-bundled.mjs`);
  await Promise.all([...builds.map((build) => run(build, build)), run('untraced', 'consumers.cjs', [])]);
}, 60_000);
afterAll(async () => {
  bundled?.remove();
  await Promise.all([aws?.close(), receiver?.close()]);
});

const queueName = (name: string, library: string) =>
  `${name}-${library}`.replaceAll(/[^a-z-]+/g, '-') + (library.endsWith('in order') ? '.fifo' : '');

async function run(name: string, file: string, flags = ['--import', 'keeptrace/register']): Promise<void> {
  const queues: string[] = [];
  for (const { library } of libraries) {
    const queue = queueName(name, library);
    const url = await aws.queue(queue, queue.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined);
    queues.push(`${library.replaceAll(' ', '_')}=${url}`);
  }
  const app = runApp({
    args: [...flags, file === 'a bundle' ? bundled.file : `${folder}/${file}`],
    env: {
      OTEL_SERVICE_NAME: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ENDPOINT: aws.endpoint,
      QUEUES: queues.join(' '),
    },
  });
  const { code } = await app.exit;
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${app.stderr()}`);
  const outcomes = app
    .stdout()
    .trim()
    .split('\n')
    .map((line): Outcome => JSON.parse(line));
  const spans = receiver.spans.filter(({ resource }) => resource['service.name'] === name);
  runs[name] = { outcomes, spans };
}

describe.each(libraries)('case 36: $library', ({ library, said, answer, attempts }) => {
  test.each(builds)('%s: a span per attempt, in the trace of whoever sent the message', (build) => {
    const all = runs[build]?.spans ?? [];
    const tree = spanTree(all);
    const queue = queueName(build, library);
    const mine = all.filter(({ attributes }) => attributes['messaging.destination.name'] === queue);
    const spans = mine.filter(({ name }) => name === 'order.ship');
    const told = spans.map(({ status, attributes }) => `${attributes['job.attempt']} ${status.code}`);
    expect(told.sort(), tree).toEqual(attempts);
    for (const { traceId, parentSpanId } of spans) {
      const send = mine.find(({ spanId }) => spanId === parentSpanId);
      expect([send?.kind, send?.traceId], tree).toEqual(['producer', traceId]);
    }
  });

  test('acknowledges as without tracing', async () => {
    const expected = { library, said, ...(answer && { answer }) };
    for (const [name, { outcomes }] of Object.entries(runs)) {
      expect(outcomes.find((one) => one.library === library)).toEqual(expected);
      const left = said.length > 0 && (await aws.receive(queueName(name, library), { WaitTimeSeconds: 0 })).length;
      expect(left || 0).toBe(0);
    }
    expect(Object.keys(runs)).toHaveLength(builds.length + 1);
  });
});

test('case 36: without tracing there are no spans', () => {
  expect(runs.untraced?.spans).toEqual([]);
});
