// A file system that fails: the spool falls back to memory, says so once with the fix, counts, and never throws.
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { realFs, type SpoolFs } from '../../../src/export/spool/spool-io.ts';
import { type FolderStats, whyUnsafe } from '../../../src/export/spool/spool-safety.ts';
import { batch, brokenFs, drain, failing, filesIn, openRig, type Rig, scratch, store, tryRig } from './spool-rig.ts';

/** A spool whose calls can be broken after it was opened. */
function breakable(): { fs: SpoolFs; now: Partial<SpoolFs> } {
  const now: Partial<SpoolFs> = {};
  const calls = now as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  const real = realFs as unknown as Record<string, (...args: unknown[]) => unknown>;
  const fs = Object.fromEntries(
    Object.keys(real).map((name) => [name, (...args: unknown[]) => (calls[name] ?? real[name]!)(...args)]),
  ) as unknown as SpoolFs;
  return { fs, now };
}

const CODES = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EMFILE', 'EIO'] as const;

describe('a write that fails', () => {
  test.each([
    ...CODES.map((code): [string, Partial<SpoolFs>] => [code, { openSync: failing(code) }]),
    ['EFBIG', { writevSync: failing('EFBIG') }],
    ['ENOSPC', { renameSync: failing('ENOSPC') }],
    ['EIO', { closeSync: failing('EIO') }],
    ['SHORT_WRITE', { writevSync: (fd: number) => realFs.writevSync(fd, [Buffer.from('sho')]) }],
    ['SHORT_WRITE', { writevSync: () => 0 }],
  ])('with %s is told once with the fix, counted, and leaves nothing behind', (code, broken) => {
    const { fs, now } = breakable();
    const rig = openRig({ world: { fs } });
    store(rig, { bytes: Buffer.from('before') });
    Object.assign(now, broken);
    for (let i = 0; i < 20; i++) expect(rig.spool.put(batch({ clock: rig.clock }))).toBeUndefined();
    for (const name of Object.keys(broken)) delete now[name as keyof SpoolFs];

    expect(rig.spool.stats()).toMatchObject({ failedWrites: 20, files: 1 });
    expect(rig.problems).toHaveLength(1);
    expect(rig.problems[0]).toMatch(new RegExp(`cannot write a batch \\(${code}\\).*memory only.*Fix: `));
    expect(filesIn(rig.dir)).toHaveLength(1);
    store(rig, { bytes: Buffer.from('after') });
    expect(drain(rig.spool).map(({ text }) => text)).toEqual(['before', 'after']);
    expect(rig.lost).toEqual([]);
  });

  test('is told again after a minute, not before', () => {
    const { fs, now } = breakable();
    const rig = openRig({ world: { fs } });
    now.writevSync = failing('ENOSPC');
    const put = () => rig.spool.put(batch({ clock: rig.clock }));
    put();
    rig.clock.pass(59);
    put();
    expect(rig.problems).toHaveLength(1);
    rig.clock.pass(2);
    put();
    expect(rig.problems).toHaveLength(2);
  });

  test('a disk that takes half a second twice is left alone for ten', () => {
    const { fs, now } = breakable();
    const rig = openRig({ world: { fs } });
    now.renameSync = (from, to) => {
      rig.clock.now += 0.6;
      realFs.renameSync(from, to);
    };
    store(rig);
    store(rig);
    delete now.renameSync;
    expect(rig.spool.put(batch({ clock: rig.clock }))).toBeUndefined();
    expect(rig.problems).toEqual([expect.stringContaining('local disk')]);
    rig.clock.now += 11;
    store(rig);
    expect(drain(rig.spool)).toHaveLength(3);
  });
});

test('a process without free descriptors keeps its lease and its batches, and sends them later', () => {
  const { fs, now } = breakable();
  const rig = openRig({ world: { fs } });
  const other = openRig({ dir: rig.dir });
  store(rig, { spanCount: 4 });
  now.openSync = failing('EMFILE');
  now.opendirSync = failing('EMFILE');
  for (let i = 0; i < 10; i++) {
    const entry = rig.spool.next();
    if (entry) expect(rig.spool.read(entry)).toBeUndefined();
    rig.clock.pass(2);
    other.clock.pass(2);
  }
  expect(rig.lost).toEqual([]);
  expect(other.spool.stats().adopted).toBe(0);
  now.openSync = realFs.openSync;
  rig.clock.pass(2);
  expect(drain(rig.spool)).toHaveLength(1);
});

test('a folder that somebody deleted is made anew, and what was in it is lost and said', () => {
  const rig = openRig();
  store(rig, { spanCount: 4 });
  const held = rig.spool.put(batch({ clock: rig.clock, spanCount: 2 }))!;
  rmSync(rig.dir, { recursive: true });
  store(rig, { bytes: Buffer.from('after') });
  rig.spool.done(held);
  expect(rig.lost).toEqual([{ reason: 'spool_deleted', spans: 4, own: true }]);
  expect(rig.problems).toEqual([expect.stringContaining('was deleted')]);
  expect(rig.spool.stats()).toMatchObject({ deleted: 4, taken: 0, files: 1, corrupt: 0 });
  expect(drain(rig.spool).map(({ text }) => text)).toEqual(['after']);
});

test.each<[string, (rig: Rig) => void]>([
  ['by the next batch that is read', ({ spool }) => expect(spool.read(spool.next()!)).toBeUndefined()],
  ['by the next look', ({ clock }) => clock.pass(2)],
  ['when the spool is closed', ({ spool }) => spool.close()],
])('a deleted folder is found out %s, with every span of it', (_, findOut) => {
  const rig = openRig();
  store(rig, { spanCount: 4 });
  store(rig, { spanCount: 3 });
  rmSync(rig.dir, { recursive: true });
  findOut(rig);
  expect(rig.lost).toEqual([{ reason: 'spool_deleted', spans: 7, own: true }]);
});

test('a folder of which only the lease was deleted is not lost: whoever comes next sends what is in it', () => {
  const rig = openRig();
  store(rig, { spanCount: 4 });
  rmSync(join(rig.dir, readdirSync(rig.dir)[0]!, 'lease'));
  rig.clock.pass(4);
  expect(rig.lost).toEqual([]);
  expect(rig.spool.stats()).toMatchObject({ deleted: 0, taken: 4, adopted: 4 });
  expect(drain(rig.spool)).toHaveLength(1);
});

test('a file that cannot be deleted is not handed out again, and is said', () => {
  const { fs, now } = breakable();
  const rig = openRig({ world: { fs } });
  store(rig);
  now.unlinkSync = failing('EROFS');
  expect(drain(rig.spool)).toHaveLength(1);
  expect(rig.spool.next()).toBeUndefined();
  expect(rig.problems).toEqual([expect.stringContaining('cannot delete a file (EROFS)')]);
});

test.each(Object.keys(realFs) as (keyof SpoolFs)[])('when %s always fails, nothing ever throws', (name) => {
  for (const code of ['EIO', 'ENOENT', 'EMFILE']) {
    const early = tryRig({ world: { fs: brokenFs({ [name]: failing(code) }) } });
    early.clock.pass(5);
    early.spool?.close();
    if (!early.spool) expect(early.problems).toHaveLength(1);

    const { fs, now } = breakable();
    const rig = openRig({ world: { fs } });
    const dead = openRig({ dir: rig.dir });
    for (let i = 0; i < 5; i++) store(rig);
    store(dead);
    Object.assign(now, { [name]: failing(code) });
    rig.clock.pass(15);
    rig.spool.put(batch({ clock: rig.clock }));
    drain(rig.spool);
    rig.clock.pass(15);
    rig.spool.stats();
    rig.spool.close();
    expect(rig.problems.length).toBeLessThanOrEqual(6);
  }
});

test('listeners that throw stop nothing', () => {
  const rig = openRig({
    maxBytes: 8192,
    on: {
      problem: () => {
        throw new Error('problem');
      },
      lost: () => {
        throw new Error('lost');
      },
    },
  });
  for (let i = 0; i < 5; i++) store(rig);
  writeFileSync(filesIn(rig.dir)[0]!, 'damaged');
  expect(drain(rig.spool)).toHaveLength(1);
});

test('after close it takes and gives nothing, and what was in hand can still be finished', () => {
  const rig = openRig();
  store(rig);
  const entry = rig.spool.next()!;
  rig.spool.close();
  rig.spool.close();
  expect(rig.spool.put(batch({ clock: rig.clock }))).toBeUndefined();
  expect(rig.spool.next()).toBeUndefined();
  rig.spool.done(entry);
  expect(filesIn(rig.dir)).toEqual([]);
  rig.clock.pass(60);
});

test('its timers and its clock are those from before an app took them over', () => {
  vi.useFakeTimers();
  try {
    const rig = tryRig();
    expect(vi.getTimerCount()).toBe(0);
    rig.spool?.close();
  } finally {
    vi.useRealTimers();
  }
});

describe('a folder that is no safe place', () => {
  test('a link is refused', () => {
    const dir = scratch();
    mkdirSync(join(dir, 'real'));
    symlinkSync(join(dir, 'real'), join(dir, 'link'));
    const { spool, problems } = tryRig({ dir: join(dir, 'link') });
    expect(spool).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/is a symbolic link; name the folder itself.*memory only/)]);
  });

  test('a link on the way to it is followed', () => {
    const dir = scratch();
    mkdirSync(join(dir, 'real'));
    symlinkSync(join(dir, 'real'), join(dir, 'link'));
    const rig = openRig({ dir: join(dir, 'link/below/spool') });
    store(rig);
    expect(filesIn(join(dir, 'real/below/spool'))).toHaveLength(1);
  });

  test('a file is refused', () => {
    const path = join(scratch(), 'file');
    writeFileSync(path, '');
    const { spool, problems } = tryRig({ dir: path });
    expect(spool).toBeUndefined();
    expect(problems).toHaveLength(1);
  });

  const folder = (mode: number, uid = 0, dev = 1): FolderStats => ({
    mode,
    uid,
    dev,
    isDirectory: () => true,
    isSymbolicLink: () => false,
  });
  const tree = (folders: Record<string, FolderStats>) => (path: string) => folders[path];

  test.each<[string, Record<string, FolderStats>, RegExp | undefined]>([
    ['its own', { '/': folder(0o755), '/s': folder(0o700, 1000) }, undefined],
    ["root's", { '/': folder(0o755), '/s': folder(0o775) }, undefined],
    ['not there yet', { '/': folder(0o755) }, undefined],
    ["another user's", { '/': folder(0o755), '/s': folder(0o777, 7) }, /belongs to the user 7/],
    ['open to all', { '/': folder(0o755), '/s': folder(0o777) }, /writable by every user and not sticky; chmod/],
    ['open to all and sticky', { '/': folder(0o755), '/s': folder(0o1777) }, undefined],
    ['below one open to all', { '/': folder(0o777), '/s': folder(0o700, 1000) }, /lies in \/, which is writable/],
    ['a volume of its own, as an emptyDir of Kubernetes', { '/': folder(0o755), '/s': folder(0o777, 0, 2) }, undefined],
  ])('%s', (_, folders, expected) => {
    const why = whyUnsafe('/s', 1000, tree(folders));
    if (expected) expect(why).toMatch(expected);
    else expect(why).toBeUndefined();
  });

  test('where there are no users there is nothing to check', () => {
    expect(whyUnsafe('/s', undefined, tree({ '/': folder(0o777), '/s': folder(0o777, 7) }))).toBeUndefined();
  });
});

test.runIf(process.platform === 'linux')('a folder in /proc, where nothing can be made, is refused', () => {
  const { spool, problems } = tryRig({ dir: '/proc/keeptrace/spool' });
  expect(spool).toBeUndefined();
  expect(problems).toHaveLength(1);
});
