import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { balance, caller, fail, flag, idWith, type RigOptions, rig, soundness } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const id = idWith(0.5, 'b');

/** Requests of one trace id that overlap, so that the trace is never over. Each makes three spans. */
function flood(requests: number, fails: (i: number) => boolean, options: RigOptions = {}) {
  const r = rig({ spansPerTrace: 100, ...options });
  let open: ReturnType<typeof r.start> | undefined;
  for (let i = 0; i < requests; i++) {
    const root = r.start(`GET /${i}`, caller(id, 0));
    r.child(root, 'first').end();
    // The last one still works while this one has begun.
    if (open !== undefined) r.child(open, 'second').end();
    open?.end();
    if (fails(i)) fail(r.child(root, 'failing'));
    open = root;
    r.clock.ms += 1;
  }
  open?.end();
  return r;
}

test('one error does not keep all the requests that overlap under one trace id', () => {
  const r = flood(1000, (i) => i === 10);
  expect(r.emitted.length).toBeGreaterThan(100);
  expect(r.emitted.length).toBeLessThan(200);
  expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, decidedEarly: 2, kept: { error: 1 } });
  expect([balance(r), soundness(r)]).toEqual([0, { twice: 0, unsampled: 0 }]);
  // What had begun before the end of it is whole.
  const whole = r.names().filter((name) => name.startsWith('GET')).length;
  expect(r.names().filter((name) => name === 'second')).toHaveLength(whole);
});

test('every further error does so for as many again, and counts towards the budget', () => {
  const unlimited = flood(1000, (i) => i % 10 === 0);
  expect(unlimited.keeper.stats().triggered).toBeGreaterThan(20);
  expect(balance(unlimited)).toBe(0);
  const limited = flood(1000, (i) => i % 10 === 0, { keepBudget: 5 });
  expect(limited.emitted.length).toBeLessThan(1500);
  expect(limited.keeper.stats().throttled).toBeGreaterThan(0);
  expect([balance(limited), soundness(limited).twice]).toEqual([0, 0]);
});

describe('no end is put', () => {
  test('to one request, however many spans it has', () => {
    const r = rig({ spansPerTrace: 100 });
    const root = r.start('GET /', caller(id, 0));
    fail(r.child(root));
    for (let i = 0; i < 1000; i++) r.child(root).end();
    root.end();
    expect([r.emitted.length, r.keeper.stats().triggered]).toEqual([1002, 1]);
  });

  test('to what another process asked for, or the head chose', () => {
    const asked = rig({ spansPerTrace: 100 });
    const first = asked.start('GET /', caller(id, 0));
    asked.keeper.trigger(id, 'response');
    for (let i = 0; i < 1000; i++) asked.start('GET /', caller(id, 0)).end();
    first.end();
    expect(asked.emitted).toHaveLength(1001);

    const chosen = rig({ spansPerTrace: 100 });
    const sampled = chosen.start('GET /', caller(id, 1));
    fail(chosen.child(sampled));
    for (let i = 0; i < 1000; i++) chosen.start('GET /', caller(id, 1)).end();
    sampled.end();
    expect(chosen.emitted).toHaveLength(1002);
  });
});

test('a request after that is undecided on the wire, and those before it stay kept', () => {
  const r = rig({ spansPerTrace: 100 });
  const before = r.start('before', caller(id, 0));
  fail(r.child(before));
  for (let i = 0; i < 100; i++) r.child(before).end();
  const after = r.start('after', caller(id, 0));
  expect([flag(after), flag(r.child(after)), flag(r.child(before))]).toEqual([0, 0, 1]);
  after.end();
  r.pass(1030);
  r.child(before, 'late').end();
  before.end();
  const last = r.emitted.slice(-2).map(({ name, attributes }) => [name, attributes['keeptrace.reason']]);
  expect(last).toEqual([
    ['late', 'error'],
    ['before', 'error'],
  ]);
  expect(r.names()).not.toContain('after');
  expect(r.keeper.stats()).toMatchObject({ dropped: 1, kept: { error: 1 } });
});
