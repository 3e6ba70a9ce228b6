import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test } from 'vitest';
import { type Fault, startFaultCollector } from '../faults/fault-collector.ts';
import { closeRigs, createRig } from './rig.ts';

afterEach(closeRigs);

const transient: [string, Fault][] = [
  ['503 without Retry-After', { kind: 'status', status: 503 }],
  ['429', { kind: 'status', status: 429 }],
  ['502', { kind: 'status', status: 502 }],
  ['504', { kind: 'status', status: 504 }],
  ['503 and Retry-After: garbage', { kind: 'status', status: 503, headers: { 'retry-after': 'soon' } }],
  ['503 and Retry-After: 0', { kind: 'status', status: 503, headers: { 'retry-after': '0' } }],
  ['a cut connection', { kind: 'reset' }],
];

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test.each(transient)('loses nothing in an outage by %s', async (_name, fault) => {
    const { collector, pipeline, spans, balance, events } = await createRig({ otlp: { protocol } });
    collector.fault = fault;
    spans(1_000);
    await collector.until(() => events.retrying.length >= 2);
    spans(1_000);
    collector.fault = { kind: 'ok' };
    await collector.until(() => pipeline.stats().accepted === 2_000);
    expect(balance()).toMatchObject({ ended: 2_000, accepted: 2_000, rejected: 0, dropped: {}, queued: 0 });
    expect(collector.acked.size).toBe(2_000);
    expect([...collector.acked.values()].every((times) => times === 1)).toBe(true);
  });

  test('loses nothing while the collector is down, and starts again by itself', async () => {
    const { collector, pipeline, spans, balance, events } = await createRig({ otlp: { protocol } });
    await collector.down();
    spans(1_500);
    await collector.until(() => events.retrying.length >= 2);
    expect(events.retrying[0]!.failure).toMatchObject({ code: 'ECONNREFUSED' });
    expect(balance()).toMatchObject({ queued: 1_500 });
    await collector.up();
    await collector.until(() => pipeline.stats().accepted === 1_500);
    balance();
  });

  test('counts what a partial success refuses, and does not send it again', async () => {
    const { collector, pipeline, spans, balance, events } = await createRig({ otlp: { protocol } });
    collector.fault = { kind: 'partial', rejected: 7 };
    spans(100);
    await pipeline.flush(2_000);
    expect(balance()).toMatchObject({ accepted: 93, rejected: 7, queued: 0 });
    expect(collector.requests).toHaveLength(1);
    expect(events.rejected).toMatchObject([{ spans: 7, whole: false, failure: { code: 'partial_success' } }]);
    expect(events.rejected[0]!.failure.what).toContain('“some”');
  });
});

const silent: Fault[] = [{ kind: 'hang' }, { kind: 'deaf' }, { kind: 'dripping-head' }];

test.each(silent)('an attempt ends at its deadline and nothing is lost: $kind', async (fault) => {
  const { collector, pipeline, spans, balance, events } = await createRig({
    otlp: { exportTimeoutMs: 250 },
    // No second attempt before the first has been looked at.
    limits: { backoffBaseMs: 400 },
  });
  collector.fault = fault;
  const startedAt = performance.now();
  spans(600);
  await collector.until(() => events.retrying.length >= 1);
  expect(performance.now() - startedAt).toBeGreaterThan(200);
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  expect(events.retrying[0]!.failure.code).toBe('ERR_DEADLINE');
  expect(collector.sockets.most).toBeLessThanOrEqual(2);
  collector.fault = { kind: 'ok' };
  await collector.until(() => pipeline.stats().accepted === 600);
  balance();
});

test('a dripping body after 200 takes nothing back and holds nothing up', async () => {
  const { collector, pipeline, spans, balance } = await createRig({ otlp: { exportTimeoutMs: 200 } });
  collector.fault = { kind: 'dripping-body' };
  spans(10);
  await pipeline.flush(5_000);
  expect(balance()).toMatchObject({ accepted: 10, queued: 0 });
  expect(collector.requests).toHaveLength(1);
});

test('and a flush that has more batches than connections sends all of them', async () => {
  const { collector, pipeline, spans, balance } = await createRig({ pipeline: { batchSize: 10 } });
  collector.fault = { kind: 'dripping-body' };
  // Four rounds over two connections.
  spans(80);
  await pipeline.flush(5_000);
  expect(balance()).toMatchObject({ accepted: 80, queued: 0 });
});

test.each(['shutdown', 'callOff'] as const)('nor is it waited for at a deadline: %s', async (end) => {
  const { collector, pipeline, spans, balance, events } = await createRig({ pipeline: { batchSize: 10 } });
  collector.fault = { kind: 'dripping-body' };
  spans(20);
  const verdicts = statusLines(2);
  pipeline.kick();
  await verdicts;
  await pipeline[end](0);
  expect(balance()).toMatchObject({ accepted: 20, queued: 0, dropped: {} });
  expect(events.dropped).toEqual([]);
  expect(collector.requests).toHaveLength(2);
});

/** Resolves when that many have arrived at this end. */
function statusLines(count: number): Promise<void> {
  return new Promise((resolve) => {
    const seen = () => {
      if (--count > 0) return;
      unsubscribe('http.client.response.finish', seen);
      resolve();
    };
    subscribe('http.client.response.finish', seen);
  });
}

const final: [number, string][] = [
  [404, 'no such path'],
  [405, 'takes no POST'],
  [408, 'refuses the spans'],
  [415, 'does not take this encoding'],
  [500, 'internal error'],
];

test.each(final)('%i is final: counted, told, not repeated', async (status, words) => {
  const { collector, pipeline, spans, balance, events } = await createRig();
  collector.fault = { kind: 'status', status, body: 'because \u001b[31mI say so' };
  spans(10);
  expect(await pipeline.flush(2_000)).toEqual({ flushed: 0, spooled: 0, dropped: 10 });
  expect(balance()).toMatchObject({ rejected: 10, queued: 0 });
  expect(collector.requests).toHaveLength(1);
  expect(events.rejected).toMatchObject([{ spans: 10, whole: true, failure: { code: `http_${status}` } }]);
  expect(events.rejected[0]!.failure.what).toContain(words);
  expect(events.rejected[0]!.failure.what).toContain('“because [31mI say so”');
});

test('a web server that says 200 to everything is found out', async () => {
  const { collector, pipeline, spans, balance, events } = await createRig();
  collector.fault = { kind: 'web-page' };
  spans(10);
  await pipeline.flush(2_000);
  expect(balance()).toMatchObject({ rejected: 10, accepted: 0 });
  expect(events.rejected).toMatchObject([{ whole: true, failure: { code: 'not_otlp' } }]);
});

test('a redirect is refused: the other server sees nothing, least of all our headers', async () => {
  const other = await startFaultCollector();
  const { collector, pipeline, spans, balance, events } = await createRig({
    otlp: { headers: { Authorization: 'Bearer secret-key' } },
  });
  const location = `${other.url}?token=geheim`;
  collector.fault = { kind: 'status', status: 307, headers: { location } };
  spans(10);
  await pipeline.flush(2_000);
  expect(balance()).toMatchObject({ rejected: 10 });
  expect(other.requests).toHaveLength(0);
  expect(other.sockets.most).toBe(0);
  expect(events.rejected[0]!.failure.what).toContain(`redirects (307) to ${other.url}`);
  expect(events.rejected[0]!.failure.what).not.toContain('geheim');
  await other.close();
});

test('an endless error body is read to 64 KiB at most', async () => {
  const { collector, pipeline, spans, balance } = await createRig();
  collector.fault = { kind: 'endless-body', status: 404 };
  spans(10);
  await pipeline.flush(2_000);
  expect(balance()).toMatchObject({ rejected: 10 });
  // What the kernel buffers on both sides is not ours to limit.
  expect(collector.bodyBytesWritten).toBeLessThan(16 * 1024 * 1024);
});

test('a credential that the server echoes is not repeated in the message', async () => {
  const { collector, pipeline, spans, events } = await createRig({
    otlp: { headers: { authorization: 'Bearer s3cr3t-key' } },
  });
  collector.fault = { kind: 'status', status: 401, body: 'unknown key s3cr3t-key in "Bearer s3cr3t-key"' };
  spans(1);
  await pipeline.flush(2_000);
  expect(events.retrying[0]!.failure.what).toContain('unknown key ***');
  expect(events.retrying[0]!.failure.what).not.toContain('s3cr3t-key');
});
