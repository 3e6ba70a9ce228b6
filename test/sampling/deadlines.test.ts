import { AsyncLocalStorage } from 'node:async_hooks';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from '../../src/sampling/deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig() {
  const clock = { ms: 0 };
  const told: string[] = [];
  const deadlines = new Deadlines<string>(
    (item) => told.push(`${item}@${clock.ms}`),
    () => clock.ms,
  );
  const pass = (ms: number) => {
    for (let i = 0; i < ms; i++) {
      clock.ms++;
      vi.advanceTimersByTime(1);
    }
  };
  return { clock, told, deadlines, pass };
}

test('each is told once, within a tick, in the order of their times', () => {
  const { told, deadlines, pass } = rig();
  deadlines.add('late', 1000);
  deadlines.add('soon', 50);
  pass(10);
  deadlines.add('soon too', 50);
  pass(2000);
  expect(told.map((entry) => entry.split('@')[0])).toEqual(['soon', 'soon too', 'late']);
  for (const [index, at] of [50, 60, 1000].entries()) {
    expect(Number(told[index]?.split('@')[1]) - at).toBeLessThanOrEqual(25);
  }
});

test('one timer, which holds no process, and none when nothing waits', () => {
  const unref = vi.fn().mockReturnThis();
  const set = vi.spyOn(globalThis, 'setInterval').mockReturnValue({ unref } as unknown as NodeJS.Timeout);
  const { deadlines } = rig();
  const [a, b] = [deadlines.add('a', 10), deadlines.add('b', 20)];
  expect([set.mock.calls.length, unref.mock.calls.length]).toEqual([1, 1]);
  deadlines.cancel(a);
  deadlines.cancel(b);
  deadlines.check();
  deadlines.add('c', 10);
  expect(set).toHaveBeenCalledTimes(2);
  set.mockRestore();
});

test('a cancelled one is not told, nor counted, nor cancelled twice', () => {
  const { told, deadlines, pass } = rig();
  const [a, b] = [deadlines.add('a', 100), deadlines.add('b', 100)];
  deadlines.cancel(a);
  deadlines.cancel(a);
  expect(deadlines.waiting).toBe(1);
  pass(200);
  expect(told).toHaveLength(1);
  deadlines.cancel(b);
  expect([deadlines.waiting, vi.getTimerCount()]).toEqual([0, 0]);
});

test('far deadlines that were cancelled do not add up', () => {
  const { told, deadlines, clock } = rig();
  const stays = deadlines.add('stays', 600_000);
  for (let i = 0; i < 100_000; i++) deadlines.cancel(deadlines.add('gone', 600_000 - (i % 3)));
  expect(deadlines.held).toBeLessThan(3000);
  expect(stays.item).toBe('stays');
  clock.ms = 600_000;
  deadlines.check();
  expect(told).toHaveLength(1);
});

test('many that come due one after the other are let go', () => {
  const { deadlines, pass, told } = rig();
  for (let i = 0; i < 20_000; i++) {
    deadlines.add('x', 1000);
    if (i % 10 === 0) pass(1);
  }
  expect(deadlines.held).toBeLessThan(2.5 * deadlines.waiting + 2000);
  pass(1100);
  expect([told.length, deadlines.held]).toEqual([20_000, 0]);
});

test('whoever is told may add and stop', () => {
  const told: string[] = [];
  const clock = { ms: 0 };
  const deadlines: Deadlines<string> = new Deadlines(
    (item) => {
      told.push(item);
      if (item === 'adds') deadlines.add('added', 10);
      if (item === 'stops') deadlines.stop();
    },
    () => clock.ms,
  );
  deadlines.add('adds', 10);
  clock.ms = 10;
  deadlines.check();
  clock.ms = 20;
  deadlines.check();
  deadlines.add('stops', 5);
  deadlines.add('never', 5);
  clock.ms = 30;
  deadlines.check();
  expect(told.slice(0, 3)).toEqual(['adds', 'added', 'stops']);
  expect([deadlines.waiting, vi.getTimerCount()]).toEqual([0, 0]);
});

test('the timer does not keep the stores of the request that happened to start it', () => {
  const { deadlines } = rig();
  const store = new AsyncLocalStorage<string>();
  let seen: string | undefined = 'not run';
  const set = vi.spyOn(globalThis, 'setInterval').mockImplementation(() => {
    seen = store.getStore();
    return { unref: vi.fn().mockReturnThis() } as unknown as NodeJS.Timeout;
  });
  store.run('a request', () => deadlines.add('a', 10));
  set.mockRestore();
  expect(seen).toBeUndefined();
});

test('a timer that was lost with the fake clock of a test of the app is replaced', () => {
  let now = 0;
  const due: string[] = [];
  const clock = new Deadlines<string>(
    (item) => due.push(item),
    () => now,
  );
  // A second fake clock, as that of the app's test is; it goes without having ticked.
  vi.useRealTimers();
  vi.useFakeTimers();
  clock.add('made meanwhile', 100);
  expect(vi.getTimerCount()).toBe(1);
  vi.useRealTimers();
  vi.useFakeTimers();
  now = 2000;
  clock.add('made later', 100);
  now = 2200;
  vi.advanceTimersByTime(200);
  expect(due).toEqual(['made meanwhile', 'made later']);
});

test('what was cancelled is garbage for a minor collection', () => {
  const fixture = join(import.meta.dirname, 'fixtures/cancelling.ts');
  // Many collections in a short time.
  const grown = execFileSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1', fixture],
    { encoding: 'utf8' },
  );
  expect(Number(grown)).toBeLessThan(3);
});
