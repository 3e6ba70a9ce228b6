// The cap, the age limit, and clocks that are wrong.
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { drain, filesIn, openRig, scratch, store, TestClock } from './spool-rig.ts';

const KB = 1024;
const HOUR = 3600;
const diskUse = (dir: string): number =>
  filesIn(dir).reduce((sum, path) => sum + Math.ceil(statSync(path).size / 4096) * 4096, 0);

describe('the cap', () => {
  test('is never exceeded by more than one file, and the oldest of the rest goes first', () => {
    const maxBytes = 200 * KB;
    const rig = openRig({ maxBytes });
    for (let i = 0; i < 300; i++) {
      store(rig, { bytes: Buffer.alloc(100 + (i % 9) * 1000, i), spanCount: 4, lane: i % 10 ? 'rest' : 'kept' });
      rig.clock.now += 0.001;
      expect(rig.spool.stats().bytes).toBeLessThanOrEqual(maxBytes);
      expect(diskUse(rig.dir)).toBe(rig.spool.stats().bytes);
    }
    const { evicted, spans } = rig.spool.stats();
    expect(evicted.kept).toBe(0);
    expect(evicted.rest + spans).toBe(1200);
    expect(rig.lost.every(({ reason, own }) => reason === 'spool_evicted' && own)).toBe(true);
    const left = drain(rig.spool);
    expect(left.filter(({ lane }) => lane === 'kept')).toHaveLength(30);
    const numbers = left.filter(({ lane }) => lane === 'rest').map(({ text }) => Buffer.from(text)[0]);
    expect(numbers.length).toBeGreaterThan(0);
  });

  test('full of errors, it gives up the oldest error for a new one, and takes none of the rest', () => {
    const rig = openRig({ maxBytes: 40 * KB });
    for (let i = 0; i < 12; i++) {
      store(rig, { bytes: Buffer.from(`error ${i}`), lane: 'kept' });
      rig.clock.now += 1;
    }
    expect(rig.spool.put({ bytes: Buffer.from('r'), spanCount: 1, lane: 'rest', createdAt: rig.clock.wall() })).toBe(
      undefined,
    );
    expect(rig.spool.stats()).toMatchObject({ failedWrites: 1, evicted: { kept: 2, rest: 0 } });
    expect(rig.problems).toEqual([expect.stringContaining('KEEPTRACE_SPOOL_MB')]);
    expect(drain(rig.spool).map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, i) => `error ${i + 2}`));
  });

  test('never takes what somebody has in hand', () => {
    const rig = openRig({ maxBytes: 12 * KB });
    const held = Array.from({ length: 3 }, () => store(rig)).map(() => rig.spool.next()!);
    const put = () =>
      rig.spool.put({ bytes: Buffer.from('x'), spanCount: 1, lane: 'kept', createdAt: rig.clock.wall() });
    expect(put()).toBeUndefined();
    for (const entry of held) expect(rig.spool.read(entry)).toBeDefined();
    rig.spool.release(held[0]!);
    expect(put()).toBeDefined();
  });

  test('a batch larger than it is refused, and says so', () => {
    const rig = openRig({ maxBytes: 12 * KB });
    store(rig);
    const bytes = Buffer.alloc(20 * KB);
    expect(rig.spool.put({ bytes, spanCount: 1, lane: 'kept', createdAt: rig.clock.wall() })).toBeUndefined();
    expect(rig.spool.stats()).toMatchObject({ files: 1, failedWrites: 1 });
  });

  test('holds for what an earlier process left, too', () => {
    const first = openRig({ maxBytes: 400 * KB });
    for (let i = 0; i < 100; i++) store(first, { lane: i < 5 ? 'kept' : 'rest' });
    first.spool.close();
    const second = openRig({ dir: first.dir, maxBytes: 80 * KB });
    second.clock.pass(0);
    expect(second.spool.stats()).toMatchObject({ files: 20, evicted: { kept: 0, rest: 80 } });
    expect(second.lost.every(({ own }) => !own)).toBe(true);
    expect(filesIn(first.dir)).toHaveLength(20);
  });

  test('is shared: three processes together stay below it once they have heard of each other', () => {
    const maxBytes = 600 * KB;
    const dir = `${scratch()}/spool`;
    const rigs = Array.from({ length: 3 }, () => openRig({ dir, maxBytes }));
    for (let round = 0; round < 60; round++) {
      for (const rig of rigs) {
        rig.clock.pass(2);
        store(rig, { bytes: Buffer.alloc(20 * KB) });
      }
      if (round > 2) expect(diskUse(dir)).toBeLessThanOrEqual(maxBytes + 3 * 24 * KB);
    }
    for (const rig of rigs) rig.clock.pass(4);
    expect(diskUse(dir)).toBeLessThanOrEqual(maxBytes);
    for (const rig of rigs) expect(rig.spool.stats().bytes).toBeGreaterThan(100 * KB);
  });
});

describe('the age limit', () => {
  test('leaves nothing behind, not even for a closed spool or another destination', () => {
    const first = openRig();
    for (let i = 0; i < 5; i++) store(first, { spanCount: 2, lane: i % 2 ? 'kept' : 'rest' });
    first.spool.close();
    const clock = new TestClock();
    clock.now += 25 * HOUR;
    const other = openRig({ dir: first.dir, destination: 'http://another.example', clock });
    clock.pass(3);
    expect(other.spool.next()).toBeUndefined();
    expect(other.spool.stats()).toMatchObject({ expired: 10, adopted: 0 });
    expect(other.lost).toEqual([{ reason: 'spool_expired', spans: 10, own: false }]);
    other.spool.close();
    expect(readdirSync(first.dir)).toEqual([]);
  });

  test('files of another destination that are young enough are left alone', () => {
    const first = openRig();
    store(first);
    first.spool.close();
    const other = openRig({ dir: first.dir, destination: 'http://another.example' });
    other.clock.pass(60);
    expect(other.spool.next()).toBeUndefined();
    other.spool.close();
    const same = openRig({ dir: first.dir });
    same.clock.pass(0);
    expect(drain(same.spool)).toHaveLength(1);
  });

  test('counts from when the batch was made, across processes', () => {
    const first = openRig();
    store(first, { bytes: Buffer.from('old'), createdAt: first.clock.wall() - 23 * HOUR * 1000 });
    store(first, { bytes: Buffer.from('young') });
    first.spool.close();
    const clock = new TestClock();
    clock.now += 2 * HOUR;
    const second = openRig({ dir: first.dir, clock });
    clock.pass(0);
    expect(drain(second.spool).map(({ text }) => text)).toEqual(['young']);
    expect(second.lost).toEqual([{ reason: 'spool_expired', spans: 1, own: false }]);
  });

  test('removes at most 512 files at a time, and all in the end', () => {
    const rig = openRig({ maxAgeMs: 60_000 });
    for (let i = 0; i < 1200; i++) store(rig);
    rig.clock.now += 61;
    rig.clock.pass(0);
    const left = rig.spool.stats().files;
    expect(left).toBeGreaterThanOrEqual(1200 - 2 * 512);
    rig.clock.pass(10);
    expect(filesIn(rig.dir)).toEqual([]);
    expect(rig.spool.stats().expired).toBe(1200);
  });
});

describe('a wall clock that is stepped', () => {
  test.each([1, -1, 24 * 365, -24 * 365])('by %i hours while the process runs changes nothing', (hours) => {
    const rig = openRig();
    const dead = openRig({ dir: rig.dir });
    store(rig);
    store(dead);
    rig.clock.wallOffset += hours * HOUR * 1000;
    dead.clock.pass(2);
    rig.clock.pass(1);
    // The other lives: a step of the clock must not make its lease look old.
    expect(rig.spool.stats()).toMatchObject({ files: 1, adopted: 0, expired: 0, taken: 0 });
    rig.clock.pass(4);
    expect(drain(rig.spool)).toHaveLength(1);
    expect(rig.lost).toEqual([]);
  });

  test.each([1, -1])('by %i hours between two processes expires nothing young', (hours) => {
    const first = openRig();
    for (let i = 0; i < 10; i++) store(first);
    first.spool.close();
    const clock = new TestClock();
    clock.wallOffset += hours * HOUR * 1000;
    const second = openRig({ dir: first.dir, clock });
    clock.pass(0);
    expect(drain(second.spool)).toHaveLength(10);
  });

  test('files from before the clock was set are as old as the file system says, or new, and still go after a day', () => {
    const first = openRig();
    first.clock.wallOffset = 0;
    store(first);
    first.spool.close();
    for (const path of filesIn(first.dir)) utimesSync(path, 5, 5);

    const second = openRig({ dir: first.dir });
    second.clock.pass(3);
    expect(second.spool.stats()).toMatchObject({ files: 1, adopted: 1, expired: 0 });
    second.spool.close();

    const clock = new TestClock();
    clock.now += 25 * HOUR;
    const third = openRig({ dir: first.dir, clock });
    clock.pass(2);
    expect(third.spool.stats()).toMatchObject({ files: 0, expired: 1 });
  });
});
