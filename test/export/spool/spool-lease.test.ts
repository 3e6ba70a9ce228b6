// Whose a folder is, and what somebody else put there.
import { chownSync, existsSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { formatName, parseName } from '../../../src/export/spool/spool-file.ts';
import { realClock } from '../../../src/export/spool/spool-io.ts';
import { LeaseWatch } from '../../../src/export/spool/spool-lease.ts';
import { batch, drain, filesIn, openRig, store } from './spool-rig.ts';

test('the clock of leases is no time of day', () => {
  expect(realClock.uptime()).toBeLessThan(Date.now() / 1000 / 2);
});

test('a lease of this machine is free when it is ten seconds old', () => {
  const watch = new LeaseWatch('here');
  const lease = { stamp: 100, machine: 'here', bytes: 0 };
  expect(watch.isFree('a', lease, 109)).toBe(false);
  expect(watch.isFree('a', lease, 111)).toBe(true);
  expect(watch.isFree('b', undefined, 0)).toBe(true);
});

test.each([
  ['of another machine', 'here', { stamp: 5, machine: 'there', bytes: 0 }],
  ['from the future', 'here', { stamp: 9e8, machine: 'here', bytes: 0 }],
  ['that says nothing', '', { stamp: 5, machine: undefined, bytes: 0 }],
  ['that cannot be looked at', 'here', { stamp: Number.NaN, machine: undefined, bytes: 0 }],
])('a lease %s is free when it did not change for ten seconds', (_, machine, lease) => {
  const watch = new LeaseWatch(machine);
  const at = (uptime: number, stamp = lease.stamp) => {
    const free = watch.isFree('a', { ...lease, stamp }, uptime);
    watch.turn();
    return free;
  };
  expect([at(1000), at(1005), at(1009)]).toEqual([false, false, false]);
  expect(at(1011)).toBe(true);
  if (Number.isNaN(lease.stamp)) return;
  expect([at(1012, lease.stamp + 2), at(1021, lease.stamp + 2)]).toEqual([false, false]);
  expect(at(1023, lease.stamp + 2)).toBe(true);
});

test('an app that blocks its event loop and writes all the time keeps its folder', () => {
  const busy = openRig();
  const other = openRig({ dir: busy.dir });
  for (let i = 0; i < 10; i++) {
    busy.clock.now += 3;
    store(busy);
    other.clock.pass(3);
  }
  expect(other.spool.stats().adopted).toBe(0);
  expect(drain(busy.spool)).toHaveLength(10);
});

test('a link planted where the next file will be written is not followed', () => {
  const rig = openRig();
  const first = store(rig, { bytes: Buffer.from('same') });
  const name = parseName(first.name.split('/')[1]!)!;
  const folder = dirname(filesIn(rig.dir)[0]!);
  const target = join(rig.dir, '..', 'target');
  symlinkSync(target, join(folder, formatName({ ...name, sequence: name.sequence + 1 }).replace('.batch', '.tmp')));
  expect(rig.spool.put(batch({ clock: rig.clock, bytes: Buffer.from('same') }))).toBeUndefined();
  expect(existsSync(target)).toBe(false);
  expect(rig.problems).toEqual([expect.stringContaining('EEXIST')]);
});

test.skipIf(process.geteuid?.() !== 0)('a file or folder of another user is not sent (needs root to make one)', () => {
  const first = openRig();
  store(first);
  const second = openRig();
  store(second, { spanCount: 3 });
  for (const rig of [first, second]) rig.spool.close();
  chownSync(dirname(filesIn(first.dir)[0]!), 12_345, 12_345);
  chownSync(filesIn(second.dir)[0]!, 12_345, 12_345);
  const third = openRig({ dir: first.dir });
  third.clock.pass(0);
  expect(third.spool.next()).toBeUndefined();
  expect(filesIn(first.dir)).toHaveLength(1);
  const fourth = openRig({ dir: second.dir });
  fourth.clock.pass(0);
  expect(drain(fourth.spool)).toEqual([]);
  expect(fourth.lost).toEqual([{ reason: 'corrupt', spans: 3, own: false }]);
});
