// Spans that end when the end has begun: in `exit` listeners of the app, which come after ours.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { runApp } from '../support/processes.ts';

const script = join(import.meta.dirname, 'fixtures/exit/late.mjs');
let collector: FaultCollector;
beforeEach(async () => {
  collector = await startFaultCollector();
});
afterEach(() => collector.close());

const run = async (end: string, before: string, env: Record<string, string> = {}) => {
  const app = runApp({
    args: ['--import', 'keeptrace/register', script, end, before],
    env: {
      OTEL_SERVICE_NAME: 'late',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
      KEEPTRACE_EXIT_TIMEOUT_MS: '5000',
      ...env,
    },
  });
  const { code } = await app.exit;
  return { code, stderr: app.stderr() };
};

test.each([
  ['natural', 0],
  ['process.exit', 3],
  ['crash', 1],
])('a span that an exit listener ends is sent: %s', async (end, code) => {
  for (const before of ['10', '0']) {
    collector.acked.clear();
    expect((await run(end, before)).code).toBe(code);
    expect(collector.acked.has('root')).toBe(true);
    expect(collector.acked.size).toBe(Number(before) + 1);
  }
});

test('or it is counted and said', async () => {
  collector.fault = { kind: 'status', status: 503 };
  const { code, stderr } = await run('process.exit', '10');

  expect(code).toBe(3);
  const lost = [...stderr.matchAll(/lost (\d+) /g)].reduce((sum, [, count]) => sum + Number(count), 0);
  expect(lost).toBe(11);
});

test('also after shutdown(), where it comes too late to be sent', async () => {
  const { stderr } = await run('shutdown', '10');

  expect(collector.acked.size).toBe(10);
  expect(stderr.match(/lost .*/g)).toEqual([
    'lost 1 span: ended after shutdown(). Call shutdown() as the last thing.',
    'lost 2 more spans: ended after shutdown(). Call shutdown() as the last thing.',
  ]);
});
