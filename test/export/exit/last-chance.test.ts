// What a pipeline does with its books when the process ends: sent from another thread while this one stands still.
import { afterEach, expect, test, vi } from 'vitest';
import type { Destination } from '../../../src/export/destination/destination-contract.ts';
import { createOtlpDestination } from '../../../src/export/destination/otlp-destination.ts';
import type { Fault } from '../../faults/fault-collector.ts';
import { closeRigs, createRig, quick, type Rig, type RigOptions } from '../rig.ts';
import { closeCollectors, type DistantCollector, startDistantCollector } from './exit-rig.ts';

afterEach(async () => {
  await closeRigs();
  await closeCollectors();
});

const AMPLE = 5_000;

interface Scene {
  rig: Rig;
  collector: DistantCollector;
  /** Bodies that were got ready for the other thread. */
  wired(): number;
  /** Attempts of this thread. */
  sent(): number;
  /** Milliseconds that this thread stood still. */
  end(ms: number): number;
}

async function setUp(fault: Fault | undefined, options: RigOptions['pipeline'] = {}): Promise<Scene> {
  const collector = await startDistantCollector(fault ? { fault } : {});
  const limits = { ...quick, aloneMs: 0 };
  const { url } = collector;
  const otlp = createOtlpDestination({ url, protocol: 'http/protobuf', exportTimeoutMs: 2_000, limits });
  let wired = 0;
  const wire: Destination['wire'] = (body) => {
    wired++;
    return otlp.wire!(body);
  };
  let sent = 0;
  const send: Destination['send'] = (...args) => {
    sent++;
    return otlp.send(...args);
  };
  const destination: Destination = { ...otlp, wire, send };
  const rig = await createRig({ destination, limits, pipeline: { batchDelayMs: 60_000, batchSize: 10, ...options } });
  const end = (ms: number) => {
    const startedAt = performance.now();
    rig.pipeline.lastChance(ms);
    return performance.now() - startedAt;
  };
  return { rig, collector, end, wired: () => wired, sent: () => sent };
}

/** The rig compares with its own collector, which nobody calls here. */
function balanced({ pipeline }: Rig) {
  const stats = pipeline.stats();
  const { ended, accepted, rejected, dropped, queued, spooled } = stats;
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect(accepted + rejected + lost + queued + spooled).toBe(ended);
  return stats;
}

test('what is pending is sealed, sent and counted as accepted', async () => {
  const { rig, collector, end, sent } = await setUp(undefined);
  rig.spans(95);
  end(AMPLE);
  // What it began here could not end, and a host name that is being looked up holds the process for seconds.
  expect(sent()).toBe(0);
  expect(balanced(rig)).toMatchObject({ ended: 95, accepted: 95, queued: 0, dropped: {} });
  expect(rig.pipeline.abandon('process_exit')).toBe(0);
  expect(rig.events.dropped).toEqual([]);
  const { acked } = await collector.seen();
  expect(acked).toHaveLength(95);
  expect(acked.every(([, times]) => times === 1)).toBe(true);
});

test('a lane that was kept for a reason is sent first', async () => {
  const laneOf = ({ name }: { name: string }) => (Number(name.split(' ')[1]) >= 80 ? 'kept' : 'rest');
  const { rig, collector, end } = await setUp({ kind: 'hang' }, { laneOf });
  rig.spans(100);
  end(2_000);
  const { requests } = await collector.seen();
  expect(requests.map(({ first }) => first).toSorted()).toEqual(['span 80', 'span 90']);
});

test('what is under way goes along, after errors that ended later', async () => {
  const laneOf = ({ name }: { name: string }) => (Number(name.split(' ')[1]) >= 20 ? 'kept' : 'rest');
  const { rig, collector, end, sent } = await setUp({ kind: 'hang' }, { laneOf });
  rig.spans(20);
  rig.pipeline.kick();
  await vi.waitFor(async () => expect((await collector.seen()).requests).toHaveLength(2));
  expect(sent()).toBe(2);
  rig.spans(20);
  end(2_000);
  const { requests } = await collector.seen();
  expect(
    requests
      .map(({ first }) => first)
      .slice(2)
      .toSorted(),
  ).toEqual(['span 20', 'span 30']);
  expect(balanced(rig)).toMatchObject({ accepted: 0, queued: 40 });
});

test('what is not answered in time is still there to be given up or put on disk', async () => {
  const { rig, end } = await setUp({ kind: 'hang' });
  rig.spans(30);
  const ms = end(200);
  expect(ms).toBeGreaterThanOrEqual(200);
  expect(ms).toBeLessThan(200 + 1_500);
  expect(balanced(rig)).toMatchObject({ accepted: 0, queued: 30 });
  expect(rig.pipeline.abandon('process_exit')).toBe(30);
  expect(balanced(rig)).toMatchObject({ queued: 0, dropped: { process_exit: 30 } });
  expect(rig.events.dropped[0]).toMatchObject({ spans: 30, failure: { code: 'unanswered' } });
});

test('a refusal for good is counted as one, and a partial one by its number', async () => {
  const whole = await setUp({ kind: 'status', status: 400, body: 'no' });
  whole.rig.spans(10);
  whole.end(AMPLE);
  expect(balanced(whole.rig)).toMatchObject({ rejected: 10, queued: 0 });
  // All parts of it were: it was not about a span.
  expect(whole.rig.events.rejected.reduce((sum, { spans }) => sum + spans, 0)).toBe(10);
  for (const one of whole.rig.events.rejected)
    expect(one).toMatchObject({ whole: true, failure: { code: 'http_400' } });

  const part = await setUp({ kind: 'partial', rejected: 3 });
  part.rig.spans(10);
  part.end(AMPLE);
  expect(balanced(part.rig)).toMatchObject({ accepted: 7, rejected: 3 });
  expect(part.rig.events.rejected[0]).toMatchObject({ spans: 3, whole: false });
});

test('a bad span costs itself and not its batch', async () => {
  const { rig, collector, end } = await setUp({ kind: 'refuse-spans', status: 400, names: ['span 7', 'span 64'] });
  rig.spans(95);
  end(AMPLE);
  expect(balanced(rig)).toMatchObject({ accepted: 93, rejected: 2, queued: 0 });
  expect(rig.events.rejected).toMatchObject(
    Array(2).fill({ spans: 1, whole: false, failure: { code: 'http_400_span' } }),
  );
  const { acked } = await collector.seen();
  expect(acked).toHaveLength(93);
  expect(acked.every(([, times]) => times === 1)).toBe(true);
});

test('what is too large is sent in parts', async () => {
  const { rig, end } = await setUp({ kind: 'refuse-bytes', above: 2_000 }, { batchSize: 64 });
  rig.spans(200);
  end(AMPLE);
  expect(balanced(rig)).toMatchObject({ accepted: 200, rejected: 0, queued: 0 });
});

test('the parts there was no time for wait, and their refusal goes with their loss', async () => {
  const { rig, collector, end } = await setUp({ kind: 'refuse-bytes', above: 700, others: 'hang' });
  rig.spans(10);
  end(2_000);
  // The whole, and its halves.
  expect((await collector.seen()).requests).toHaveLength(3);
  expect(balanced(rig)).toMatchObject({ accepted: 0, rejected: 0, queued: 10 });
  rig.pipeline.abandon('process_exit');
  expect(balanced(rig)).toMatchObject({ dropped: { process_exit: 10 } });
  expect(rig.events.dropped[0]).toMatchObject({ failure: { code: 'http_413' } });
});

test('a server that is busy ends the search for what it finds too large', async () => {
  const { rig, collector, end } = await setUp({ kind: 'refuse-bytes', above: 700, others: 'busy' });
  rig.spans(12);
  end(AMPLE);
  // The full batch, and the two spans that were sealed for the exit.
  expect((await collector.seen()).requests).toHaveLength(2);
  expect(balanced(rig)).toMatchObject({ accepted: 0, rejected: 0, queued: 12 });
});

test('a server that is busy leaves the spans, and its reason goes with their loss', async () => {
  const { rig, end } = await setUp({ kind: 'status', status: 503 });
  rig.spans(10);
  end(AMPLE);
  expect(balanced(rig)).toMatchObject({ rejected: 0, queued: 10 });
  rig.pipeline.abandon('crash');
  expect(rig.events.dropped[0]).toMatchObject({ reason: 'crash', failure: { code: 'http_503' } });
});

test('nobody is called who is known to be away, or who asked for peace', async () => {
  const away = await setUp(undefined);
  await away.collector.down();
  away.rig.spans(5);
  await away.rig.pipeline.flush(1_000);
  away.end(AMPLE);
  expect(away.wired()).toBe(0);

  const busy = await setUp({ kind: 'status', status: 503, headers: { 'retry-after': '60' } });
  busy.rig.spans(5);
  await busy.rig.pipeline.flush(1_000);
  busy.end(AMPLE);
  expect(busy.wired()).toBe(0);
});

test('a flush that has just used all of its time is not followed by another wait', async () => {
  const { rig, end, wired } = await setUp({ kind: 'hang' });
  rig.spans(5);
  await rig.pipeline.flush(150);
  expect(end(AMPLE)).toBeLessThan(1_000);
  expect(wired()).toBe(0);
  expect(rig.pipeline.abandon('shutdown_deadline')).toBe(5);
});

test('a destination that only this thread can reach is left alone', async () => {
  const destination = createOtlpDestination({ url: 'http://127.0.0.1:9', protocol: 'http/json', exportTimeoutMs: 1 });
  const { remote: _, ...local } = destination;
  const rig = await createRig({ destination: local, pipeline: { batchDelayMs: 60_000 } });
  rig.spans(5);
  rig.pipeline.lastChance(AMPLE);
  expect(balanced(rig)).toMatchObject({ queued: 5 });
});
