import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test } from 'vitest';
import type { Destination } from '../../src/export/destination/destination-contract.ts';
import { createPipeline } from '../../src/export/pipeline.ts';
import type { Fault } from '../faults/fault-collector.ts';
import { readable } from '../receiver/spans.ts';
import { closeRigs, createRig } from './rig.ts';

afterEach(closeRigs);

describe('batching', () => {
  test('a full batch is sent without waiting for the delay, the rest after it', async () => {
    const { collector, pipeline, spans, balance } = await createRig({
      pipeline: { batchSize: 100, batchDelayMs: 300 },
    });
    spans(250);
    await collector.until(() => pipeline.stats().accepted === 200);
    expect(balance()).toMatchObject({ queued: 50 });
    await collector.until(() => collector.acked.size === 250);
    expect(collector.requests.map((request) => request.spans.length)).toEqual([100, 100, 50]);
  });

  test('only sampled spans are exported', async () => {
    const { pipeline, balance } = await createRig();
    const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.NONE };
    pipeline.processor.onEnd(readable({ spanContext: () => context }));
    expect(balance()).toMatchObject({ ended: 0, queued: 0 });
  });

  test('a burst of 100,000 spans in one tick loses none', async () => {
    const { collector, pipeline, spans, balance } = await createRig({ otlp: { compression: 'gzip' } });
    spans(100_000);
    await collector.until(() => pipeline.stats().accepted === 100_000, 25_000);
    expect(balance()).toMatchObject({ ended: 100_000, dropped: {} });
    expect(collector.acked.size).toBe(100_000);
  });

  test('no more live spans are held than queueSize; sealed ones are released', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const { pipeline, collector } = await createRig({ pipeline: { queueSize: 64, batchSize: 16, batchDelayMs: 1e6 } });
    await collector.down();
    const held: WeakRef<ReadableSpan>[] = [];
    const endSpans = () => {
      for (let n = 0; n < 1_000; n++) {
        const span = readable({ n });
        held.push(new WeakRef(span));
        pipeline.processor.onEnd(span);
      }
    };
    endSpans();
    // A WeakRef holds its target until the turn has ended, and looking is using it: so one look a turn.
    await collector.until(() => {
      gc();
      return held.filter((ref) => ref.deref() !== undefined).length <= 64;
    });
    expect(pipeline.stats().queued).toBe(1_000);
  });

  test('waits for resource attributes that are still being detected', async () => {
    const { collector, pipeline } = await createRig();
    const detected = new Promise<string>((resolve) => setTimeout(resolve, 50, 'host-1'));
    const resource = resourceFromAttributes({ 'service.name': 'shop', 'host.id': detected });
    const provider = new TracerProvider({ resource, spanProcessors: [pipeline.processor] });
    provider.getTracer('t').startSpan('early').end();
    await pipeline.flush(2_000);
    expect(collector.requests[0]!.spans[0]!.resource).toMatchObject({ 'service.name': 'shop', 'host.id': 'host-1' });
  });
});

describe('bounds', () => {
  test('a full byte queue drops the oldest, counted', async () => {
    const { collector, pipeline, spans, balance, events } = await createRig({
      limits: { queueBytes: 20_000 },
      pipeline: { batchSize: 10, queueSize: 10 },
    });
    await collector.down();
    spans(3_000);
    const { queued, dropped } = balance();
    expect(queued).toBeGreaterThan(50);
    expect(queued).toBeLessThan(400);
    expect(dropped.queue_full).toBe(3_000 - queued);
    await collector.until(() => events.retrying.length > 0);
    await collector.up();
    await collector.until(() => pipeline.stats().queued === 0);
    expect(balance()).toMatchObject({ accepted: queued });
    // The newest survive: they tell what is going on now.
    expect(collector.acked.has('span 2999')).toBe(true);
    expect(collector.acked.has('span 100')).toBe(false);
  });

  test('batches age out while the destination does not take them', async () => {
    const { collector, pipeline, spans, balance, events } = await createRig({ limits: { maxAgeMs: 150 } });
    await collector.down();
    spans(100);
    await collector.until(() => pipeline.stats().queued === 0);
    expect(balance()).toMatchObject({ dropped: { expired: 100 } });
    expect(events.dropped).toMatchObject([{ reason: 'expired', spans: 100, failure: { code: 'ECONNREFUSED' } }]);
  });

  test('requests are cut to the size that receivers accept, and one huge span goes alone', async () => {
    const { collector, pipeline, tracer, balance } = await createRig({ limits: { requestBytes: 50_000 } });
    for (let i = 0; i < 40; i++) tracer.startSpan(`s${i}`, { attributes: { text: 'x'.repeat(4_000) } }).end();
    // Even packed: what hardly shrinks.
    const text = randomBytes(200_000).toString('base64');
    tracer.startSpan('huge', { attributes: { text } }).end();
    await pipeline.flush(5_000);
    expect(balance()).toMatchObject({ accepted: 41 });
    const sizes = collector.requests.filter(({ spans }) => spans.length > 1).map(({ bytes }) => bytes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50_000);
    expect(collector.requests.filter(({ bytes }) => bytes > 50_000).map(({ spans }) => spans.length)).toEqual([1]);
  });

  test('a span larger than the whole queue is dropped by itself', async () => {
    const { pipeline, tracer, spans, balance } = await createRig({
      limits: { requestBytes: 50_000, queueBytes: 100_000 },
    });
    spans(5);
    // Even packed: what hardly shrinks.
    const text = randomBytes(200_000).toString('base64');
    tracer.startSpan('huge', { attributes: { text } }).end();
    await pipeline.flush(5_000);
    expect(balance()).toMatchObject({ accepted: 5, dropped: { oversize: 1 } });
  });
});

describe('flush and shutdown', () => {
  test('a flush sends what ended before it and tells how much', async () => {
    const { collector, pipeline, spans, balance } = await createRig({ pipeline: { batchDelayMs: 1e6 } });
    spans(700);
    expect(await pipeline.flush(5_000)).toEqual({ flushed: 700, spooled: 0, dropped: 0 });
    expect(collector.acked.size).toBe(700);
    expect(await pipeline.flush(5_000)).toEqual({ flushed: 0, spooled: 0, dropped: 0 });
    balance();
  });

  test.each(['hang', 'deaf', 'dripping-head'] as const)('shutdown keeps its deadline against %s', async (kind) => {
    const { collector, pipeline, spans, balance, events } = await createRig({ otlp: { exportTimeoutMs: 30_000 } });
    collector.fault = { kind };
    spans(700);
    const startedAt = performance.now();
    const result = await pipeline.shutdown(300);
    // Far from the 30 s that the attempt itself has.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(result).toEqual({ flushed: 0, spooled: 0, dropped: 700 });
    expect(balance()).toMatchObject({ dropped: { shutdown_deadline: 700 }, queued: 0 });
    expect(events.dropped).toMatchObject([{ late: true, failure: { code: 'unanswered' } }]);
    await collector.until(() => collector.sockets.open === 0);
  });

  test('a flush that does not make it keeps the spans', async () => {
    const { collector, pipeline, spans, balance } = await createRig();
    collector.fault = { kind: 'hang' };
    spans(10);
    expect(await pipeline.flush(100)).toEqual({ flushed: 0, spooled: 0, dropped: 0 });
    expect(balance()).toMatchObject({ queued: 10 });
  });

  test('while a flush waits, a collector that comes back is found within the hurried back-off', async () => {
    const { collector, pipeline, spans, events } = await createRig({
      limits: { backoffBaseMs: 60_000, backoffCapMs: 60_000, absentCapMs: 60_000 },
    });
    await collector.down();
    spans(10);
    await collector.until(() => events.retrying.length === 1);
    expect(events.retrying[0]!.retryInMs).toBeGreaterThan(20_000);
    setTimeout(() => void collector.up(), 200);
    const startedAt = performance.now();
    expect(await pipeline.flush(20_000)).toMatchObject({ flushed: 10 });
    // Far from the minute that the back-off was at.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('a collector on this machine that stays away is waited for a second, not for the whole deadline', async () => {
    const { collector, pipeline, spans } = await createRig({ limits: { aloneMs: 300 } });
    await collector.down();
    spans(10);
    const startedAt = performance.now();
    expect(await pipeline.flush(10_000)).toMatchObject({ flushed: 0 });
    const waited = performance.now() - startedAt;
    expect(waited).toBeGreaterThan(290);
    expect(waited).toBeLessThan(5_000);
    expect(pipeline.stats()).toMatchObject({ queued: 10 });
  });

  test('shutdown twice is one shutdown, and spans that end later are counted', async () => {
    const { pipeline, spans, balance, events } = await createRig();
    spans(3);
    const [one, two] = await Promise.all([pipeline.shutdown(1_000), pipeline.shutdown(1_000)]);
    expect(one).toEqual({ flushed: 3, spooled: 0, dropped: 0 });
    expect(two).toBe(one);
    spans(2);
    expect(balance()).toMatchObject({ ended: 5, accepted: 3, dropped: { after_shutdown: 2 } });
    expect(events.dropped).toMatchObject([{ reason: 'after_shutdown' }, { reason: 'after_shutdown' }]);
  });

  test('abandon accounts for pending, queued and half-sent spans at once', async () => {
    const { collector, pipeline, spans, balance } = await createRig({ pipeline: { batchSize: 10, queueSize: 20 } });
    collector.fault = { kind: 'hang' };
    spans(95);
    await collector.until(() => collector.requests.length === 2);
    spans(5);
    expect(pipeline.abandon('process_exit')).toBe(100);
    expect(balance()).toMatchObject({ dropped: { process_exit: 100 }, queued: 0 });
    expect(pipeline.abandon('process_exit')).toBe(0);
  });
});

describe('why spans were given up is told truly', () => {
  const sending = async (fault: Fault) => {
    const rig = await createRig();
    rig.collector.fault = fault;
    rig.spans(10);
    rig.pipeline.kick();
    await rig.collector.until(() => rig.collector.requests.length === 1);
    return rig;
  };

  test.each(['crash', 'process_exit', 'shutdown_deadline'] as const)(
    'a collector that had no time to answer is not blamed (%s)',
    async (reason) => {
      const { pipeline, events } = await sending({ kind: 'hang' });
      pipeline.abandon(reason);
      expect(events.dropped).toEqual([{ reason, spans: 10, failure: undefined }]);
    },
  );

  test('a deadline that was used up is', async () => {
    const { pipeline, events } = await sending({ kind: 'hang' });
    await pipeline.flush(100);
    await pipeline.shutdown(0);
    expect(events.dropped).toMatchObject([
      { reason: 'shutdown_deadline', late: true, failure: { what: expect.stringMatching(/ did not answer$/) } },
    ]);
  });

  test('a flush that ended early, or before, is not a deadline that was used up', async () => {
    const { pipeline, events, collector, spans } = await sending({ kind: 'hang' });
    await pipeline.flush(20);
    collector.fault = { kind: 'status', status: 503, headers: { 'retry-after': '60' } };
    pipeline.callOff();
    await collector.until(() => events.retrying.length > 0);
    spans(1);
    await pipeline.shutdown(2_000);
    expect(events.dropped).toMatchObject([{ spans: 11, failure: { code: 'http_503' } }]);
    expect(events.dropped[0]).not.toHaveProperty('late');
  });
});

describe('Retry-After belongs to the destination', () => {
  test('nobody calls before the time that the server named, and nothing is lost', async () => {
    const { collector, pipeline, spans, balance } = await createRig({ pipeline: { batchSize: 100 } });
    collector.fault = { kind: 'status', status: 503, headers: { 'retry-after': '1' } };
    spans(600);
    await collector.until(() => collector.requests.length >= 1);
    const first = collector.requests[0]!.at;
    collector.fault = { kind: 'ok' };
    spans(600);
    await collector.until(() => pipeline.stats().accepted === 1_200);
    // Two attempts may have been under way when the answer came.
    expect(collector.requests.filter(({ at }) => at - first < 990).length).toBeLessThanOrEqual(2);
    expect([...collector.acked.values()].every((times) => times === 1)).toBe(true);
    balance();
  });

  test('a flush that may not wait so long gives up at once instead of at its deadline', async () => {
    const { collector, pipeline, spans } = await createRig({ limits: { retryAfterCapMs: 60_000 } });
    collector.fault = { kind: 'status', status: 429, headers: { 'retry-after': '60' } };
    spans(10);
    const startedAt = performance.now();
    expect(await pipeline.flush(20_000)).toEqual({ flushed: 0, spooled: 0, dropped: 0 });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

test('one probe at a time while it fails, then the queue drains', async () => {
  const { collector, pipeline, spans } = await createRig({ pipeline: { batchSize: 10, queueSize: 10 } });
  collector.fault = { kind: 'status', status: 503 };
  spans(200);
  await collector.until(() => collector.requests.length >= 5);
  const gaps = collector.requests.slice(2, 5).map(({ at }, i) => at - collector.requests[i + 1]!.at);
  expect(Math.min(...gaps)).toBeGreaterThan(5);
  collector.fault = { kind: 'ok' };
  await collector.until(() => pipeline.stats().accepted === 200);
});

test('a destination that breaks its promise costs its batch, not the pipeline', async () => {
  const destination: Destination = {
    label: 'broken',
    unanswered: { code: 'x', what: 'x', fix: 'x' },
    seal: (spans) => ({ sealed: [{ body: { kind: 'spans', spans }, size: 1, spanCount: spans.length }], poisoned: 0 }),
    send: () => Promise.reject(new Error('never rejects, it said')),
    close: async () => {},
  };
  const { pipeline, spans, balance } = await createRig({ destination });
  spans(5);
  await pipeline.flush(1_000);
  expect(balance()).toMatchObject({ rejected: 5 });
});

test('a destination that cannot seal costs those spans, and nothing is thrown into the app', async () => {
  const destination: Destination = {
    label: 'broken',
    unanswered: { code: 'x', what: 'x', fix: 'x' },
    seal: () => {
      throw new RangeError('out of memory');
    },
    send: async () => ({ kind: 'accepted', rejected: 0 }),
    close: async () => {},
  };
  const { pipeline, spans, balance } = await createRig({ destination });
  spans(5);
  await pipeline.flush(1_000);
  expect(balance()).toMatchObject({ dropped: { internal: 5 } });
});

test('listeners that throw neither stop the sender nor reach the app', async () => {
  const nasty = () => {
    throw new Error('listener');
  };
  const on = { accepted: nasty, retrying: nasty, rejected: nasty, dropped: nasty, ended: nasty };
  const { collector, pipeline, spans } = await createRig({ pipeline: { on } });
  for (const fault of [{ kind: 'status', status: 503 }, { kind: 'status', status: 400 }, { kind: 'ok' }] as Fault[]) {
    collector.fault = fault;
    spans(5);
    await collector.until(() => collector.requests.length > 0);
    collector.requests.length = 0;
  }
  await collector.until(() => pipeline.stats().queued === 0);
  spans(1);
  expect((await pipeline.shutdown(1_000)).flushed).toBe(1);
});

test('attempts that are called off wait again and are not counted twice', async () => {
  const { collector, pipeline, spans, balance } = await createRig({ limits: { backoffBaseMs: 0 } });
  collector.fault = { kind: 'hang' };
  spans(600);
  await collector.until(() => collector.requests.length === 2);
  collector.fault = { kind: 'ok' };
  pipeline.callOff();
  await collector.until(() => pipeline.stats().queued === 0);
  expect(balance()).toMatchObject({ ended: 600, accepted: 600 });
});

test('the stores of the request that fills a batch are not kept by our timers and sockets', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const destination: Destination = {
    label: 'spy',
    unanswered: { code: 'x', what: 'x', fix: 'x' },
    seal: (spans) => {
      seen.push(storage.getStore());
      return { sealed: [{ body: { kind: 'spans', spans }, size: 1, spanCount: spans.length }], poisoned: 0 };
    },
    send: async () => {
      seen.push(storage.getStore());
      return { kind: 'accepted', rejected: 0 };
    },
    close: async () => {},
  };
  const pipeline = createPipeline({ destination, queueSize: 10, batchSize: 5, batchDelayMs: 5 });
  storage.run('request', () => pipeline.processor.onEnd(readable()));
  while (pipeline.stats().accepted === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(seen).toEqual([undefined, undefined]);
});
