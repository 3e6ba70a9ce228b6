// The real sender in virtual time: what a fleet does to a collector that comes back, and how soon a queue is empty again.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Ledger } from '../../../src/export/accounting.ts';
import type { Destination, Outcome } from '../../../src/export/destination/destination-contract.ts';
import { defaultLimits } from '../../../src/export/limits.ts';
import { BatchQueue } from '../../../src/export/queue.ts';
import { Sender } from '../../../src/export/sender/sender.ts';
import { advanceTo, resetClock, virtualClock } from '../virtual-clock.ts';

vi.mock('../../../src/export/clock.ts', async () => (await import('../virtual-clock.ts')).virtualClock);

const SPANS = 256;
/** Of a batch, as measured: 550 bytes a span. */
const BODY = new Uint8Array(SPANS * 550);
const LATENCY_MS = 20;

type World = { down: Outcome | undefined };

const refused: Outcome = { kind: 'retry', failure: { code: 'ECONNREFUSED', what: 'refuses', fix: 'Start it.' } };
const overloaded = (retryAfterMs?: number): Outcome => ({
  kind: 'retry',
  failure: { code: 'http_503', what: 'is not available', fix: 'Wait.' },
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

function startEmitter(world: World, everyMs: number, offsetMs: number) {
  const requests: number[] = [];
  const retries: number[] = [];
  const queue = new BatchQueue(64 * 1024 * 1024);
  const ledger = new Ledger();
  let running = 0;
  let most = 0;
  const answer = async (): Promise<Outcome> => {
    (world.down ? retries : requests).push(virtualClock.now());
    most = Math.max(most, ++running);
    const outcome = world.down ?? { kind: 'accepted', rejected: 0 };
    await new Promise<void>((resolve) => virtualClock.later(LATENCY_MS, resolve));
    running--;
    return outcome;
  };
  const destination: Destination = {
    label: 'test',
    unanswered: { code: 'unanswered', what: '', fix: '' },
    seal: () => ({ sealed: [], poisoned: 0 }),
    send: answer,
    sendTogether: answer,
    close: async () => {},
  };
  const nothing = () => {};
  const sender = new Sender({
    destination,
    queue,
    ledger,
    batchSize: 512,
    limits: defaultLimits,
    on: {},
    changed: nothing,
    done: nothing,
    split: nothing,
    gaveUp: (reason, batches) => batches.length > 0 && ledger.drop(reason, batches.length * SPANS),
  });
  let seq = 0;
  const cancel = { seal: nothing };
  const seal = () => {
    const body = { kind: 'bytes' as const, bytes: BODY };
    const batch = {
      body,
      size: 20_000,
      spanCount: SPANS,
      lane: 'rest' as const,
      seq: seq++,
      sealedAt: virtualClock.now(),
    };
    ledger.ended += SPANS;
    queue.push(batch);
    sender.pump();
    cancel.seal = virtualClock.later(everyMs, seal);
  };
  virtualClock.later(offsetMs, seal);
  return { requests, retries, queue, ledger, sender, mostAtOnce: () => most, stop: () => cancel.seal() };
}

/** A generator that can be repeated in place of `Math.random`. */
beforeEach(() => {
  let state = 42;
  vi.spyOn(Math, 'random').mockImplementation(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
  resetClock();
});

const mostInAnySecond = (times: number[]): number => {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [i, at] of sorted.entries()) {
    while (sorted[first]! < at - 1_000) first++;
    most = Math.max(most, i - first + 1);
  }
  return most;
};

/** Pearson's, of how often each of two called in each second. */
function correlation(a: number[], b: number[], from: number, to: number): number {
  const counts = (times: number[]) => {
    const bins = new Array<number>(Math.floor((to - from) / 250)).fill(0);
    for (const at of times) if (at >= from && at < to) bins[Math.floor((at - from) / 250)]!++;
    return bins;
  };
  const [x, y] = [counts(a), counts(b)];
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [i, value] of x.entries()) {
    xy += (value - mx) * (y[i]! - my);
    xx += (value - mx) ** 2;
    yy += (y[i]! - my) ** 2;
  }
  return xx && yy ? xy / Math.sqrt(xx * yy) : 0;
}

function meanCorrelation(fleet: number[][], from: number, to: number): number {
  const pairs = fleet.flatMap((one, i) => fleet.slice(i + 1).map((other) => correlation(one, other, from, to)));
  return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
}

test('processes that fail in the same instant do not ask again in the same instant', async () => {
  const world: World = { down: refused };
  const fleet = Array.from({ length: 20 }, () => startEmitter(world, 1_024, 0));
  await advanceTo(60_000);
  const retries = fleet.map((one) => one.retries);
  expect(retries[0]!.length).toBeGreaterThan(20);
  // From the second attempt on: the first is the instant they share.
  expect(meanCorrelation(retries, 500, 60_000)).toBeLessThan(0.2);
});

describe.each([
  ['refused connections', refused],
  ['503', overloaded()],
  ['503 with Retry-After: 20', overloaded(20_000)],
])('20 processes and an outage of 30 s by %s', (_name, down) => {
  test('come back without a rush', async () => {
    const EVERY = 1_024;
    const world: World = { down: undefined };
    const fleet = Array.from({ length: 20 }, (_, n) => startEmitter(world, EVERY, (n * EVERY) / 20));
    await advanceTo(20_000);
    const steady = mostInAnySecond(fleet.flatMap(({ requests }) => requests));
    expect(steady).toBeLessThanOrEqual(21);
    world.down = down;
    await advanceTo(50_000);
    world.down = undefined;
    await advanceTo(120_000);
    const after = fleet.flatMap(({ requests }) => requests).filter((at) => at >= 50_000);
    expect(mostInAnySecond(after)).toBeLessThanOrEqual(2 * steady);
    for (const { queue, ledger } of fleet) {
      expect(queue.spans).toBeLessThanOrEqual(SPANS);
      expect(ledger.dropped).toEqual({});
    }
    expect(
      meanCorrelation(
        fleet.map(({ retries }) => retries),
        20_000,
        50_000,
      ),
    ).toBeLessThan(0.2);
  });
});

test.each([
  [250, 60, 10],
  [1_000, 120, 60],
  [10_000, 30, 60],
])(
  '%i spans a second and %i s without a collector: all is sent within %i s of its return',
  async (rate, outage, within) => {
    const world: World = { down: undefined };
    const every = (SPANS / rate) * 1_000;
    const { queue, ledger, requests, mostAtOnce } = startEmitter(world, every, 0);
    await advanceTo(5_000);
    world.down = refused;
    const back = 5_000 + outage * 1_000;
    await advanceTo(back);
    world.down = undefined;
    let recovered = Number.NaN;
    for (let t = back; t < back + within * 1_000 && Number.isNaN(recovered); t += 100) {
      await advanceTo(t);
      if (queue.spans <= SPANS) recovered = t;
    }
    expect(recovered - back).toBeLessThanOrEqual(within * 1_000);
    expect(ledger).toMatchObject({ rejected: 0, dropped: {} });
    // Twice the usual rate, but for what a window of a second cuts off.
    expect(mostInAnySecond(requests.filter((at) => at >= back))).toBeLessThanOrEqual(
      Math.ceil(2 * (1_000 / every)) + 1,
    );
    expect(mostAtOnce()).toBeLessThanOrEqual(2);
  },
);
