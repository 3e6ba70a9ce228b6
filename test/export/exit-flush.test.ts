// The last requests of a process, sent by a real thread to a real server while this thread stands still.
import { afterEach, expect, test } from 'vitest';
import type { RemoteTarget } from '../../src/export/destination-contract.ts';
import { sendAtExit } from '../../src/export/exit-flush.ts';
import { bodies, closeCollectors, startDistantCollector } from './exit-rig.ts';

afterEach(closeCollectors);

const headers = { 'content-type': 'application/x-protobuf', 'x-key': 'a-key' };
const to = (url: string, more: Partial<RemoteTarget> = {}): RemoteTarget => ({
  url,
  headers,
  timeoutMs: 10_000,
  ...more,
});

/** Two cores are shared with other test files. */
const SLACK = 1_500;

function timed<T>(run: () => T): { result: T; ms: number } {
  const startedAt = performance.now();
  return { result: run(), ms: performance.now() - startedAt };
}

test('sends all jobs in order over at most two connections, with the headers given', async () => {
  const collector = await startDistantCollector();
  const { result, ms } = timed(() => sendAtExit(bodies(2_000, 256), to(collector.url), 500 + SLACK));
  expect(result.accepted).toEqual(Array(8).fill(true));
  expect(result.reason).toBeUndefined();
  expect(ms).toBeLessThan(500 + SLACK);

  const { acked, requests, sockets, undecodable } = await collector.seen();
  expect(acked.length).toBe(2_000);
  expect(acked.every(([, times]) => times === 1)).toBe(true);
  expect(sockets.most).toBeLessThanOrEqual(2);
  expect(undecodable).toBe(0);
  // Two run side by side, so either may arrive first.
  expect(requests.slice(0, 2).map(({ first }) => first)).toEqual(expect.arrayContaining(['span 0', 'span 256']));
  expect(requests[0]).toMatchObject({ method: 'POST', url: '/v1/traces' });
  for (const request of requests) expect(request.headers).toMatchObject(headers);
});

test('returns at its deadline when the collector hangs, and says of each job that it is not known', async () => {
  const collector = await startDistantCollector({ fault: { kind: 'hang' } });
  const { result, ms } = timed(() => sendAtExit(bodies(10, 5), to(collector.url), 400));
  expect(result.accepted).toEqual([false, false]);
  expect(result.answers).toEqual([undefined, undefined]);
  expect(ms).toBeGreaterThanOrEqual(400);
  expect(ms).toBeLessThan(400 + SLACK);
});

test('a refused connection ends it at once, and is tried once', async () => {
  const collector = await startDistantCollector();
  await collector.down();
  const { result, ms } = timed(() => sendAtExit(bodies(100, 1), to(collector.url), 20_000));
  expect(result.accepted).toEqual(Array(100).fill(false));
  expect(result.answers[0]).toMatchObject({ code: 'ECONNREFUSED' });
  expect(result.answers.filter(Boolean).length).toBeLessThanOrEqual(2);
  expect(ms).toBeLessThan(5_000);
});
