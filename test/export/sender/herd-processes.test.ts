// The same as herd.test.ts with real processes and sockets, at four times the speed.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ExportStats } from '../../../src/export/accounting.ts';
import { startFaultCollector } from '../../faults/fault-collector.ts';

const emitter = fileURLToPath(new URL('../fixtures/emitter.ts', import.meta.url));
const PROCESSES = 8;
const WINDOW_MS = 250;

function startEmitter(url: string, n: number) {
  const child = spawn(process.execPath, [emitter, url, `p${n}`], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<ExportStats>((resolve, reject) => {
    child.on('close', () => (output ? resolve(JSON.parse(output) as ExportStats) : reject(new Error('no books'))));
  });
  return { ended, end: () => child.stdin.end() };
}

const mostInAnyWindow = (times: number[]): number => {
  let most = 0;
  for (const from of times) most = Math.max(most, times.filter((at) => at >= from && at < from + WINDOW_MS).length);
  return most;
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`${PROCESSES} processes come back after an outage without a rush, and none loses a span`, {
  timeout: 40_000,
}, async () => {
  const collector = await startFaultCollector();
  const emitters = Array.from({ length: PROCESSES }, (_, n) => startEmitter(collector.url, n));
  const seen = (n: number) => collector.requests.some(({ spans }) => spans[0]?.name.startsWith(`p${n} `));
  await collector.until(() => emitters.every((_, n) => seen(n)), 15_000);
  const startedAt = performance.now();
  await pause(2_000);
  const steady = mostInAnyWindow(collector.requests.map(({ at }) => at).filter((at) => at > startedAt));
  await collector.down();
  await pause(5_000);
  const backAt = performance.now();
  await collector.up();
  await pause(4_000);
  const after = collector.requests.map(({ at }) => at).filter((at) => at > backAt);
  for (const { end } of emitters) end();
  const books = await Promise.all(emitters.map(({ ended }) => ended));
  await collector.close();
  for (const stats of books)
    expect(stats).toMatchObject({ accepted: stats.ended, rejected: 0, dropped: {}, queued: 0 });
  expect(collector.acked.size).toBe(books.reduce((sum, { ended }) => sum + ended, 0));
  expect(mostInAnyWindow(after)).toBeLessThanOrEqual(2 * steady);
  // Many batches went in one request.
  expect(Math.max(...collector.requests.map(({ spans }) => spans.length))).toBeGreaterThan(150);
});
