import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { batch, drain, filesIn, openRig, store, TestClock } from './spool-rig.ts';

test('gives back the bytes that were put, errors first, then the oldest', () => {
  const rig = openRig();
  const { spool, clock } = rig;
  const put = (text: string, lane: 'kept' | 'rest', ageMs: number) =>
    store(rig, { bytes: Buffer.from(text), lane, createdAt: clock.wall() - ageMs, spanCount: 3 });
  put('rest young', 'rest', 100);
  put('error young', 'kept', 200);
  put('rest old', 'rest', 5000);
  put('error old', 'kept', 3000);
  expect(spool.stats()).toMatchObject({ files: 4, spans: 12, bytes: 4 * 4096, ownWaiting: 12 });

  expect(drain(spool)).toEqual([
    { text: 'error old', spans: 3, lane: 'kept', own: true },
    { text: 'error young', spans: 3, lane: 'kept', own: true },
    { text: 'rest old', spans: 3, lane: 'rest', own: true },
    { text: 'rest young', spans: 3, lane: 'rest', own: true },
  ]);
  expect(spool.stats()).toMatchObject({ files: 0, spans: 0, bytes: 0, ownWaiting: 0 });
});

test('keeps batches of one millisecond apart', () => {
  const rig = openRig();
  for (let i = 0; i < 50; i++) store(rig);
  expect(filesIn(rig.dir)).toHaveLength(50);
  expect(drain(rig.spool)).toHaveLength(50);
});

test('hands out an entry once until it is released', () => {
  const rig = openRig();
  const { spool } = rig;
  const entry = store(rig);
  const handed = spool.next()!;
  expect(handed.name).toBe(entry.name);
  expect(spool.next()).toBeUndefined();
  spool.release(handed);
  expect(spool.next()?.name).toBe(entry.name);
});

test('does not hand out what its writer still has in memory, until it is released', () => {
  const { spool, clock } = openRig();
  const entry = spool.put(batch({ clock }))!;
  expect(spool.next()).toBeUndefined();
  expect(spool.stats()).toMatchObject({ spans: 1, ownWaiting: 0 });
  spool.release(entry);
  expect(spool.stats()).toMatchObject({ spans: 1, ownWaiting: 1 });
  expect(spool.next()?.name).toBe(entry.name);
});

test('leaves the files of a closed spool to the next one, and an empty spool leaves nothing', () => {
  const first = openRig();
  store(first, { bytes: Buffer.from('left behind'), spanCount: 7, lane: 'kept' });
  first.spool.close();

  const second = openRig({ dir: first.dir });
  second.clock.pass(0);
  expect(second.spool.stats()).toMatchObject({ adopted: 7, ownWaiting: 0, files: 1 });
  expect(drain(second.spool)).toEqual([{ text: 'left behind', spans: 7, lane: 'kept', own: false }]);
  second.spool.close();
  expect(readdirSync(first.dir)).toEqual([]);
});

test('takes over what a killed process left once its lease is ten seconds old, not before', () => {
  const clock = new TestClock();
  const dead = openRig();
  dead.clock.now = clock.now;
  store(dead);

  const alive = openRig({ dir: dead.dir, clock });
  clock.pass(9.5);
  expect(alive.spool.next()).toBeUndefined();
  clock.pass(3);
  expect(drain(alive.spool)).toHaveLength(1);
  expect(readdirSync(alive.dir)).toHaveLength(1);
});

test('a process that stood still for too long makes a new folder and goes on', () => {
  const still = openRig();
  const other = openRig({ dir: still.dir });
  store(still, { spanCount: 5 });
  other.clock.pass(13);
  expect(drain(other.spool)).toHaveLength(1);

  still.clock.now += 13;
  store(still, { bytes: Buffer.from('after') });
  expect(still.spool.stats()).toMatchObject({ taken: 5, deleted: 0, files: 1, corrupt: 0, failedWrites: 0 });
  expect(still.problems.join()).toContain('taken over');
  expect(drain(still.spool).map(({ text }) => text)).toEqual(['after']);
});

test('folders and files are for their owner alone, whatever the umask', () => {
  const before = process.umask(0);
  try {
    const { dir, spool, clock } = openRig();
    spool.put(batch({ clock }));
    const [folder] = readdirSync(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(`${dir}/${folder}`).mode & 0o777).toBe(0o700);
    const names = readdirSync(`${dir}/${folder}`);
    expect(names).toHaveLength(2);
    for (const name of names) expect(statSync(`${dir}/${folder}/${name}`).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(before);
  }
});
