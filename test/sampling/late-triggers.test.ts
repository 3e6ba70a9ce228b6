import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { balance, caller, fail, idWith, random, rig } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Where the one trigger is counted. */
const booked = (r: ReturnType<typeof rig>) => {
  const { triggered, exported, evicted, exportFailed, kept } = r.keeper.stats();
  return { triggered, exported, evicted, exportFailed, kept: kept.manual ?? 0 };
};
const nothing = { triggered: 1, exported: 0, evicted: 1, exportFailed: 0, kept: 0 };

describe('keepTrace() on a trace that is gone', () => {
  test('is no export while nothing of the trace leaves, and is one from the first span on', () => {
    const r = rig();
    const root = r.start('GET /');
    root.end();
    r.keeper.trigger(root.spanContext().traceId, 'manual');
    expect([booked(r), balance(r), r.names()]).toEqual([nothing, 0, []]);
    const after = r.child(root, 'after');
    expect(booked(r)).toEqual(nothing);
    after.end();
    r.child(root, 'and more').end();
    expect([booked(r), balance(r)]).toEqual([{ ...nothing, exported: 1, evicted: 0, kept: 1 }, 0]);
    expect(r.names()).toEqual(['after', 'and more']);
  });

  test('is a failed export when the first span cannot be handed over', () => {
    const r = rig({
      emit: () => {
        throw new Error('full');
      },
    });
    const root = r.start('GET /');
    root.end();
    r.keeper.trigger(root.spanContext().traceId, 'manual');
    r.child(root).end();
    expect([booked(r), balance(r)]).toEqual([{ ...nothing, evicted: 0, exportFailed: 1 }, 0]);
  });

  test('is an export of what the head had let out', () => {
    const r = rig({ ratio: 1 });
    const root = r.start('GET /');
    root.end();
    r.keeper.trigger(root.spanContext().traceId, 'manual');
    expect([booked(r), balance(r), r.names()]).toEqual([
      { ...nothing, exported: 1, evicted: 0, kept: 1 },
      0,
      ['GET /'],
    ]);
  });
});

test('a trace that was slow and given up before anything of it ended is an export once a span of it ends', () => {
  const r = rig();
  const root = r.start('GET /');
  r.pass(1030);
  r.keeper.close();
  expect([booked(r), balance(r)]).toEqual([nothing, 0]);
  root.end();
  expect([booked(r), balance(r)]).toEqual([{ ...nothing, exported: 1, evicted: 0 }, 0]);
});

test('the books agree with themselves and with what left, at every step of 3,000 random ones', () => {
  for (const seed of [1, 2, 3]) {
    const next = random(seed);
    const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
    let broken = false;
    const left = new Set<string>();
    const r = rig({
      ratio: 0,
      seed,
      keepBudget: seed === 1 ? undefined : 20,
      bufferBytes: 40_000,
      retentionMs: seed === 3 ? 200 : 0,
      emit: (span) => {
        if (broken) throw new Error('full');
        left.add(span.spanContext().traceId);
      },
    });
    const spans: ReturnType<typeof r.start>[] = [];
    const steps = [
      () => spans.push(r.start('GET /', next() < 0.3 ? caller(idWith(next(), pick(['a', 'b', 'c'])), 0) : undefined)),
      () => spans.length > 0 && spans.push(r.child(pick(spans.slice(-50))!)),
      () => pick(spans.slice(-50))?.end(),
      () => pick(spans.slice(-50))?.end(),
      () => next() < 0.3 && spans.length > 0 && fail(pick(spans.slice(-50))!),
      () => spans.length > 0 && r.keeper.trigger(pick(spans)!.spanContext().traceId, pick(['manual', 'response'])!),
      () => r.pass(Math.floor(next() * 100)),
      () => void (next() < 0.02 && r.keeper.flush(true)),
      () => {
        broken = next() < 0.1;
      },
    ];
    for (let i = 0; i < 3_000; i++) {
      pick(steps)!();
      expect(balance(r)).toBe(0);
      expect(Math.min(...Object.values(booked(r)))).toBeGreaterThanOrEqual(0);
    }
    expect(r.keeper.stats().triggered).toBeGreaterThan(50);
    r.keeper.close();
    expect([balance(r), r.keeper.stats().held.spans]).toEqual([0, 0]);
  }
});
