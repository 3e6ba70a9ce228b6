// More than the keeper was made for: what it holds stays bounded, and every trace is accounted for.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { balance, caller, fail, idWith, random, rig, soundness } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a storm of 60 % errors keeps no more than the budget and a fifth, and its traces whole', () => {
  const r = rig({ keepBudget: 100, seed: 3 });
  const next = random(4);
  let errors = 0;
  for (let ms = 0; ms < 60_000; ms += 2) {
    r.pass(2);
    const root = r.start('GET /');
    r.child(root).end();
    if (next() < 0.6) {
      errors++;
      fail(root);
    } else root.end();
  }
  const stats = r.keeper.stats();
  expect(stats.triggered).toBe(errors);
  expect(stats.exported).toBeLessThanOrEqual(1.2 * 100 * 60);
  expect(stats.exported).toBeGreaterThan(0.8 * 100 * 60);
  expect([balance(r), stats.exported * 2 - r.emitted.length]).toEqual([0, 0]);
  const roots = r.emitted.filter(({ parentSpanContext }) => parentSpanContext === undefined);
  const estimate = roots.reduce((sum, { attributes }) => sum + Number(attributes['keeptrace.weight']), 0);
  expect(Math.abs(estimate / errors - 1)).toBeLessThan(0.05);
});

test('late errors are held to the budget, too', () => {
  const r = rig({ keepBudget: 10 });
  const open = Array.from({ length: 3000 }, () => {
    const root = r.start('GET /');
    const child = r.child(root);
    root.end();
    return child;
  });
  r.pass(1030);
  for (const child of open) fail(child);
  const stats = r.keeper.stats();
  expect([stats.triggered, balance(r), stats.exported - r.emitted.length]).toEqual([3000, 0, 0]);
  // The first second fills up from nothing: 10 × (1 + ln 300).
  expect(stats.exported).toBeLessThan(90);
});

test.each([
  ['dropped', 0, 0],
  ['kept by the head', 1, 100_001],
])('one trace of 100,000 spans that is %s is decided early, once', (_, ratio, emitted) => {
  const r = rig({ ratio });
  const root = r.start('GET /');
  let most = 0;
  for (let i = 0; i < 100_000; i++) {
    r.child(root).end();
    most = Math.max(most, r.keeper.stats().held.spans);
  }
  expect(most).toBeLessThanOrEqual(2000);
  root.end();
  expect(r.emitted).toHaveLength(emitted);
  expect(r.keeper.stats()).toMatchObject({ decidedEarly: 1, held: { traces: 0, spans: 0, bytes: 0 } });
  expect(soundness(r).twice).toBe(0);
});

test('one trace of 100,000 spans with an error in the middle keeps what comes after, and is marked', () => {
  const r = rig();
  const root = r.start('GET /');
  for (let i = 0; i < 100_000; i++) {
    const child = r.child(root);
    if (i === 50_000) fail(child);
    else child.end();
  }
  root.end();
  expect(r.emitted).toHaveLength(50_001);
  expect(r.emitted.at(-1)?.attributes).toMatchObject({ 'keeptrace.partial': true, 'keeptrace.weight': 1 });
  expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, decidedEarly: 1 });
});

test('one trace of 100,000 spans at once is kept whole on an error', () => {
  const r = rig();
  const root = r.start('GET /');
  const children = Array.from({ length: 100_000 }, () => r.child(root));
  fail(children[0]!);
  for (const child of children.slice(1)) child.end();
  root.end();
  expect(r.emitted).toHaveLength(100_001);
  expect(soundness(r)).toEqual({ twice: 0, unsampled: 0 });
});

describe('spans that never end', () => {
  test('do not add up: roots', () => {
    const r = rig({ bufferBytes: 2 ** 20 });
    for (let i = 0; i < 20_000; i++) r.start('leak');
    const { held, decidedEarly } = r.keeper.stats();
    expect(held.traces).toBeLessThanOrEqual(1048);
    expect(decidedEarly).toBe(20_000 - held.traces);
  });

  test('do not add up: roots that turn slow, which then count as evicted and not as exported', () => {
    const r = rig({ bufferBytes: 2 ** 20 });
    for (let i = 0; i < 500; i++) r.start('leak');
    r.pass(1030);
    expect(r.keeper.stats()).toMatchObject({ triggered: 500, exported: 500 });
    r.keeper.close();
    expect(r.keeper.stats()).toMatchObject({ triggered: 500, exported: 0, evicted: 500 });
    expect(balance(r)).toBe(0);
  });

  test('do not add up: children of one request, and other traces do not pay for them', () => {
    const r = rig({ bufferBytes: 4 * 2 ** 20 });
    const other = r.start('other');
    const root = r.start('leak');
    for (let i = 0; i < 20_000; i++) r.child(root);
    expect(r.keeper.stats().decidedEarly).toBe(0);
    fail(other);
    expect(r.names()).toEqual(['other']);
  });

  test('do not add up: children of requests that ended', () => {
    const r = rig();
    for (let i = 0; i < 1000; i++) {
      const root = r.start('GET /');
      r.child(root);
      root.end();
      r.pass(10);
    }
    expect(r.keeper.stats().held.traces).toBeLessThanOrEqual(103);
  });
});

test('10,000 requests with one trace id stay one bounded trace', () => {
  for (const overlap of [1, 50, 10_000]) {
    const r = rig({ keepBudget: 100 });
    const running: ReturnType<typeof r.start>[] = [];
    for (let i = 0; i < 10_000; i++) {
      running.push(r.start('GET /', caller(idWith(0.5), 0)));
      if (running.length >= overlap) running.shift()?.end();
      r.pass(1);
    }
    for (const root of running) root.end();
    const { held, triggered } = r.keeper.stats();
    expect(held).toEqual({ traces: 0, spans: 0, bytes: 0 });
    expect(triggered).toBe(overlap === 10_000 ? 1 : 0);
    expect([balance(r), soundness(r).twice, soundness(r).unsampled]).toEqual([0, 0, 0]);
    expect(r.keeper.stats().requests['GET /']?.count).toBe(10_000);
    expect(r.emitted).toHaveLength(overlap === 10_000 ? 10_000 : 0);
  }
});

test('a tenfold flood stays under its memory, and every trace is decided once', () => {
  const bufferBytes = 2 ** 20;
  const r = rig({ bufferBytes, ratio: 0.1, retentionMs: 5000, seed: 9 });
  const next = random(10);
  let [most, failed] = [0, 0];
  for (let i = 0; i < 10_000; i++) {
    const root = r.start('GET /', undefined, { 'url.path': 'x'.repeat(Math.floor(next() * 200)) });
    if (next() < 0.02) {
      failed++;
      fail(root);
    } else root.end();
    most = Math.max(most, r.keeper.stats().held.bytes);
    if (i % 10 === 0) r.pass(1);
  }
  expect(most).toBeLessThanOrEqual(bufferBytes);
  const during = r.keeper.stats();
  expect(during.retentionEffectiveMs).toBeLessThan(5000);
  expect(during.retentionEffectiveMs).toBeGreaterThan(0);
  r.keeper.close();
  const stats = r.keeper.stats();
  const all = Object.values(stats.kept).reduce((sum, count) => sum + count, 0) + stats.dropped;
  expect([all, stats.triggered, stats.exported]).toEqual([10_000, failed, failed]);
  expect(stats.decidedEarly).toBeGreaterThan(5000);
  expect(soundness(r)).toEqual({ twice: 0, unsampled: 0 });
  // Nothing that the head chose got lost on the way out: one root each.
  expect(r.emitted).toHaveLength(10_000 - stats.dropped);
});

test('a trigger that finds its trace given up is counted as evicted', () => {
  const r = rig({ bufferBytes: 5000, retentionMs: 1000 });
  const traces = Array.from({ length: 20 }, () => {
    const root = r.start('GET /');
    root.end();
    return root.spanContext().traceId;
  });
  for (const traceId of traces) r.keeper.trigger(traceId, 'manual');
  const { triggered, exported, evicted } = r.keeper.stats();
  expect([triggered, exported, evicted]).toEqual([20, r.emitted.length, 20 - r.emitted.length]);
  expect(r.emitted.length).toBeGreaterThan(0);
});

test('requests with far deadlines hold no memory once they have ended', () => {
  const r = rig({ routes: [{ path: '/long', slowMs: 600_000 }] });
  for (let i = 0; i < 5000; i++) {
    const at = Date.now() + 500_000 + i;
    r.start('GET /long', caller(idWith(0.5, (i % 9).toString()), 0, `keeptrace=d:${at.toString(36)}`), {
      'url.path': '/long',
    }).end();
  }
  r.pass(50);
  expect(vi.getTimerCount()).toBe(0);
});

test('an error is kept although an earlier trigger found its trace given up', () => {
  const r = rig({ retentionMs: 500, bufferBytes: 10_000 });
  const given = r.start('given up', caller(idWith(0.5, 'b'), 0));
  given.end();
  for (let i = 0; i < 20; i++) r.start('filler').end();
  r.keeper.trigger(given.spanContext().traceId, 'manual');
  expect(r.keeper.stats()).toMatchObject({ triggered: 1, evicted: 1 });
  fail(r.start('failing', caller(idWith(0.5, 'b'), 0)));
  expect(r.names()).toEqual(['failing']);
  expect(balance(r)).toBe(0);
});
