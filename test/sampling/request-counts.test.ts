import { type MeterProvider, metrics, SpanKind } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { fail, rig } from './keeper-rig.ts';

afterEach(() => {
  metrics.disable();
  vi.restoreAllMocks();
});

test('requests are counted by route before anything is sampled, with their errors and durations', () => {
  const r = rig({ ratio: 0 });
  for (let i = 0; i < 3; i++) r.start('GET /orders/:id').end();
  fail(r.start('GET /orders/:id'));
  const slow = r.start('POST /orders');
  const [seconds, nanos] = slow.startTime;
  slow.end([seconds + 2, nanos]);
  const { requests } = r.keeper.stats();
  expect(requests['GET /orders/:id']).toMatchObject({ count: 4, errors: 1 });
  expect(requests['POST /orders']).toEqual({ count: 1, errors: 0, durationMs: 2000, maxMs: 2000 });
});

test('only what comes in is a request: servers and consumers, not children, clients or jobs', () => {
  const r = rig();
  const root = r.start('take', undefined, {}, SpanKind.CONSUMER);
  r.child(root).end();
  root.end();
  r.start('job', undefined, {}, SpanKind.INTERNAL).end();
  r.start('GET', undefined, {}, SpanKind.CLIENT).end();
  expect(Object.keys(r.keeper.stats().requests)).toEqual(['take']);
});

test('routes beyond the bound are counted together', () => {
  const r = rig();
  for (let i = 0; i < 1000; i++) r.start(`GET /${i}`).end();
  const { requests } = r.keeper.stats();
  expect([Object.keys(requests).length, requests.other?.count, requests['GET /0']?.count]).toEqual([201, 800, 1]);
});

test('a meter provider gets the same counts, from the moment there is one; one that throws costs nobody anything', () => {
  const counted: [string, number, unknown][] = [];
  const instrument = (name: string) => ({
    add: (value: number, attributes: unknown) => counted.push([name, value, attributes]),
    record: (value: number, attributes: unknown) => counted.push([name, value, attributes]),
  });
  const r = rig();
  r.start('early').end();
  metrics.setGlobalMeterProvider({
    getMeter: () => ({ createCounter: instrument, createHistogram: instrument }),
  } as unknown as MeterProvider);
  fail(r.start('GET /'));
  expect(counted.map(([name]) => name)).toEqual([
    'keeptrace.requests',
    'keeptrace.request.duration',
    'keeptrace.request.errors',
  ]);
  expect(counted[0]?.[2]).toEqual({ 'keeptrace.route': 'GET /' });
  metrics.disable();
  metrics.setGlobalMeterProvider({
    getMeter: () => {
      throw new Error('no meter');
    },
  } as unknown as MeterProvider);
  expect(() => fail(r.start('GET /'))).not.toThrow();
  expect(r.keeper.stats()).toMatchObject({ exported: 2, requests: { 'GET /': { count: 2 } } });
});

test.each([
  ['getMeter', ['getMeter', 'getMeter']],
  ['createHistogram', ['getMeter', 'getMeter']],
  ['add', ['getMeter', 'getMeter']],
])('a meter provider that fails in %s is asked again, but not at every request', (failing, calls) => {
  const asked: string[] = [];
  const counted: string[] = [];
  let broken = true;
  const breakIn = (step: string) => {
    if (broken && step === failing) throw new Error('not ready');
  };
  const instrument = (name: string) => ({
    add() {
      breakIn('add');
      counted.push(name);
    },
    record: () => counted.push(name),
  });
  metrics.setGlobalMeterProvider({
    getMeter() {
      asked.push('getMeter');
      breakIn('getMeter');
      const createHistogram = (name: string) => {
        breakIn('createHistogram');
        return instrument(name);
      };
      return { createCounter: instrument, createHistogram };
    },
  } as unknown as MeterProvider);
  const r = rig();
  for (let i = 0; i < 5; i++) r.start('GET /').end();
  expect(asked).toHaveLength(1);
  broken = false;
  r.clock.ms += 10_000;
  r.start('GET /').end();
  expect([asked, counted]).toEqual([calls, ['keeptrace.requests', 'keeptrace.request.duration']]);
});

test('a clock of the app that fails or jumps spoils no duration', () => {
  const recorded: number[] = [];
  metrics.setGlobalMeterProvider({
    getMeter: () => ({
      createCounter: () => ({ add() {} }),
      createHistogram: () => ({ record: (value: number) => recorded.push(value) }),
    }),
  } as unknown as MeterProvider);
  const r = rig();
  const timed = () => {
    const span = r.start('GET /');
    const [seconds, nanos] = span.startTime;
    span.end([seconds + 2, nanos]);
  };
  timed();
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const now = vi.spyOn(Date, 'now').mockReturnValue(wrong);
    const span = r.start('GET /');
    now.mockRestore();
    span.end();
  }
  const jumping = r.start('GET /');
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
  jumping.end();
  vi.restoreAllMocks();
  timed();
  const counts = r.keeper.stats().requests['GET /'];
  expect(counts).toMatchObject({ count: 5, maxMs: 2000 });
  expect(counts?.durationMs).toBeGreaterThanOrEqual(4000);
  expect(counts?.durationMs).toBeLessThan(5000);
  expect([recorded.length, recorded.every(Number.isFinite)]).toEqual([3, true]);
});
