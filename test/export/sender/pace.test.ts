// What goes into one request with the batch whose turn it is.
import { expect, test } from 'vitest';
import { defaultLimits } from '../../../src/export/limits.ts';
import { type Batch, BatchQueue } from '../../../src/export/queue.ts';
import { Pace } from '../../../src/export/sender/pace.ts';

let seq = 0;
const batch = (spanCount: number, over: Partial<Batch> = {}): Batch => ({
  seq: seq++,
  size: 100,
  lane: 'rest',
  spanCount,
  sealedAt: 0,
  body: { kind: 'bytes', bytes: Buffer.alloc(100) },
  ...over,
});

/** The numbers of spans that go with the first. */
function together(batches: Batch[], { draining = false, requestBytes = 256 * 1024 } = {}): number[] {
  const queue = new BatchQueue(1e6);
  const pace = new Pace({ ...defaultLimits, requestBytes }, 512);
  pace.draining = draining;
  for (const one of batches) queue.push(one);
  return pace.together(queue.take()!, queue).map(({ spanCount }) => spanCount);
}

test('as many spans as a request may have, and no more', () => {
  expect(together([batch(256), batch(200), batch(56), batch(1)])).toEqual([256, 200, 56]);
  expect(together([batch(600), batch(1)])).toEqual([600]);
});

test('as many bytes as a request may have, and no more', () => {
  expect(together([batch(1), batch(2), batch(3)], { requestBytes: 250 })).toEqual([1, 2]);
});

test('after an outage both are more', () => {
  expect(together([batch(500), batch(500), batch(500)], { draining: true, requestBytes: 250 })).toEqual([
    500, 500, 500,
  ]);
});

test('a report of losses goes alone', () => {
  const report = { spanCount: 0, report: true } as const;
  for (const draining of [false, true]) {
    expect(together([batch(1), batch(0, report), batch(2)], { draining })).toEqual([1]);
    expect(together([batch(0, report), batch(1)], { draining })).toEqual([0]);
  }
});

test('where two batches share a request, what an outage left goes in half as many, too', () => {
  const waits = [1, 2].map((each) => {
    const pace = new Pace(defaultLimits, 512);
    for (let n = 0; n < 100; n++) {
      const batches = Array.from({ length: each }, (_, at) => batch(1, { sealedAt: n * 200 + at * (200 / each) }));
      pace.see(batches, true);
    }
    // Attempts while nobody answers, and what goes when somebody does.
    for (let n = 0; n < 50; n++) pace.see([batch(1, { sealedAt: 20_000 + (n * 200) / each })], false);
    pace.draining = true;
    pace.beat();
    return pace.waitMs;
  });
  for (const ms of waits) {
    expect(ms).toBeGreaterThan(90);
    expect(ms).toBeLessThan(145);
  }
});

test('the first request after an outage is followed at the usual pace, those after it faster', () => {
  const pace = new Pace({ ...defaultLimits, slowestDrainMs: 1_000 }, 512);
  pace.draining = true;
  pace.beat(1);
  expect(pace.waitMs).toBeGreaterThan(850);
  pace.beat();
  expect(pace.waitMs).toBeLessThan(700);
});
