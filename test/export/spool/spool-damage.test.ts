// Files that are not what was written: each costs its own batch, is counted once, and stops nothing.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drain, filesIn, openRig, scratch, store } from './spool-rig.ts';

const flip = (at: number) => (path: string) => {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(path, bytes);
};

const damages: [name: string, damage: (path: string, dir: string) => void][] = [
  ['cut in the header', (path) => truncateSync(path, 20)],
  ['cut in the payload', (path) => truncateSync(path, 40)],
  ['empty', (path) => truncateSync(path, 0)],
  ['longer than it was', (path) => appendFileSync(path, 'more')],
  ...[0, 4, 5, 6, 8, 12, 20, 28, 32, 36, -1].map((at): (typeof damages)[number] => [`one bit at ${at}`, flip(at)]),
  ['zeros, as after a power failure', (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length))],
  ['foreign', (path) => writeFileSync(path, 'something else')],
  [
    'a folder',
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
  [
    'a link to what was written',
    (path, dir) => {
      const copy = join(dir, '..', 'elsewhere.batch');
      renameSync(path, copy);
      symlinkSync(copy, path);
    },
  ],
  [
    'a link to nothing',
    (path) => {
      rmSync(path);
      symlinkSync('/nonexistent', path);
    },
  ],
  [
    'a pipe that nobody writes to',
    (path) => {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
  ],
];

describe.each([
  ['of this process', true],
  ['of an earlier process', false],
])('%s', (_, own) => {
  test.each(damages)('a file that is %s costs its own batch', (_name, damage) => {
    const writer = openRig();
    for (const text of ['one', 'two', 'three']) store(writer, { bytes: Buffer.from(text), spanCount: 5 });
    if (!own) writer.spool.close();
    const victim = filesIn(writer.dir)[1]!;
    damage(victim, writer.dir);
    const rig = own ? writer : openRig({ dir: writer.dir });
    rig.clock.pass(0);

    expect(drain(rig.spool)).toHaveLength(2);
    expect(rig.lost).toEqual([{ reason: 'corrupt', spans: 5, own }]);
    expect(rig.spool.stats()).toMatchObject({ corrupt: 5, files: 0, spans: 0 });
    expect(rig.problems).toHaveLength(1);
    expect(rig.problems[0]).toContain('5 spans');
    expect(drain(rig.spool)).toEqual([]);
  });
});

test('a file that somebody deleted is counted like a damaged one', () => {
  const rig = openRig();
  store(rig, { spanCount: 5 });
  store(rig);
  rmSync(filesIn(rig.dir)[0]!);
  expect(drain(rig.spool)).toHaveLength(1);
  expect(rig.lost).toEqual([{ reason: 'corrupt', spans: 5, own: true }]);
});

test('of every kind at once: k damaged of n, exactly k lost', () => {
  const writer = openRig();
  for (let i = 0; i < 60; i++) store(writer, { spanCount: 10 });
  writer.spool.close();
  const files = filesIn(writer.dir);
  for (const [index, [, damage]] of damages.entries()) damage(files[index * 2]!, writer.dir);

  const rig = openRig({ dir: writer.dir });
  rig.clock.pass(0);
  expect(drain(rig.spool)).toHaveLength(60 - damages.length);
  expect(rig.spool.stats().corrupt).toBe(damages.length * 10);
  expect(rig.problems).toHaveLength(1);
});

test('what is damaged is set aside, ten files at most, and moves on with the next process', () => {
  const first = openRig();
  for (let i = 0; i < 15; i++) store(first);
  for (const path of filesIn(first.dir)) truncateSync(path, 10);
  drain(first.spool);
  expect(first.spool.stats().corrupt).toBe(15);
  expect(filesIn(first.dir)).toHaveLength(10);
  for (const path of filesIn(first.dir)) expect(path).toMatch(/\.batch\.bad$/);
  first.spool.close();

  const second = openRig({ dir: first.dir, maxAgeMs: 600_000 });
  second.clock.pass(0);
  expect(filesIn(first.dir)).toHaveLength(10);
  expect(second.spool.stats()).toMatchObject({ corrupt: 0, adopted: 0 });
  expect(readdirSync(first.dir)).toHaveLength(1);

  second.clock.pass(605);
  expect(filesIn(first.dir)).toEqual([]);
});

test('what was being written when its process was killed is counted and removed', () => {
  const writer = openRig();
  store(writer, { spanCount: 3 });
  const [path] = filesIn(writer.dir);
  renameSync(path!, path!.replace('.batch', '.tmp'));
  writer.spool.close();

  const rig = openRig({ dir: writer.dir });
  rig.clock.pass(0);
  expect(drain(rig.spool)).toEqual([]);
  expect(rig.lost).toEqual([{ reason: 'corrupt', spans: 3, own: false }]);
  expect(filesIn(writer.dir)).toEqual([]);
});

test('a file that nobody of ours wrote is set aside and counts for nothing', () => {
  const writer = openRig();
  store(writer);
  const folder = dirname(filesIn(writer.dir)[0]!);
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  writer.spool.close();
  const rig = openRig({ dir: writer.dir });
  rig.clock.pass(0);
  expect(drain(rig.spool)).toHaveLength(1);
  expect(rig.lost).toEqual([]);
  expect(filesIn(writer.dir).map((path) => basename(path))).toEqual([expect.stringMatching(/-notes\.txt\.bad$/)]);
});

test('files and folders of others beside ours are left alone', () => {
  const dir = join(scratch(), 'spool');
  mkdirSync(join(dir, 'kt-something'), { recursive: true });
  writeFileSync(join(dir, 'README'), 'mine');
  writeFileSync(join(dir, 'kt-0011223344556677-0011223344556677'), 'a file by such a name');
  symlinkSync('/etc', join(dir, 'kt-0011223344556677-0011223344556678'));
  const rig = openRig({ dir });
  store(rig);
  rig.clock.pass(60);
  expect(drain(rig.spool)).toHaveLength(1);
  rig.spool.close();
  expect(readdirSync(dir).sort()).toEqual([
    'README',
    'kt-0011223344556677-0011223344556677',
    'kt-0011223344556677-0011223344556678',
    'kt-something',
  ]);
  expect(existsSync('/etc/passwd')).toBe(true);
});

test('a hundred starts among damage: none fails, nothing piles up', () => {
  const dir = join(scratch(), 'spool');
  let written = 0;
  let read = 0;
  let corrupt = 0;
  for (let i = 0; i < 100; i++) {
    const rig = openRig({ dir });
    rig.clock.pass(0);
    read += drain(rig.spool).length;
    corrupt += rig.spool.stats().corrupt;
    for (let k = 0; k < 3; k++, written++) store(rig);
    const files = filesIn(dir).filter((path) => path.endsWith('.batch'));
    damages[i % damages.length]![1](files[i % files.length]!, dir);
    rig.spool.close();
  }
  const last = openRig({ dir });
  last.clock.pass(0);
  read += drain(last.spool).length;
  corrupt += last.spool.stats().corrupt;
  expect(corrupt).toBe(100);
  expect(read).toBe(written - 100);
  expect(readdirSync(dir)).toHaveLength(1);
  expect(filesIn(dir).length).toBeLessThanOrEqual(10);
});
