import { expect, test } from 'vitest';
import { type StoreEvents, type StoreLimits, TraceStore } from '../../../src/cli/dev/store.ts';
import { weighSpan } from '../../../src/cli/dev/weigh.ts';
import { span, traceIdOf } from './rig.ts';

function storeOf(limits: StoreLimits): { store: TraceStore; log: string[] } {
  const log: string[] = [];
  const events: StoreEvents = {
    changed: ({ traceId, spans }) => log.push(`${nameOf(traceId)} has ${spans.size}`),
    evicted: (traceId) => log.push(`${nameOf(traceId)} went`),
    cleared: () => log.push('cleared'),
  };
  return { store: new TraceStore(limits, events), log };
}
const nameOf = (traceId: string) => Number.parseInt(traceId.slice(0, 16), 16);
const trace = (n: number, spans = 1, over = {}) =>
  Array.from({ length: spans }, (_, at) => span({ trace: traceIdOf(n), id: `s${at}`, over }));

test('the oldest trace goes for a new one, and a late span makes none younger', () => {
  const { store, log } = storeOf({ traces: 2 });
  store.add(trace(1));
  store.add(trace(2));
  store.add([...trace(1, 2), ...trace(3)]);
  expect(log).toEqual(['1 has 1', '2 has 1', '1 went', '3 has 1']);
  expect(store.list().map(({ traceId }) => nameOf(traceId))).toEqual([3, 2]);
  expect([store.size, store.spanCount, store.evicted]).toEqual([2, 2, 1]);
});

test('the number of spans is bounded', () => {
  const { store } = storeOf({ traces: 100, spans: 10 });
  for (let n = 1; n <= 9; n++) store.add(trace(n, 3));
  expect([store.size, store.spanCount, store.evicted]).toEqual([3, 9, 6]);
});

test('the bytes are bounded, those of attributes, events, links and resources too', () => {
  const heavy = {
    attributes: { list: ['x'.repeat(10_000)], bag: { deep: 'y'.repeat(10_000) }, bytes: new Uint8Array(10_000) },
  };
  expect(weighSpan(trace(1, 1, heavy)[0]!)).toBeGreaterThan(30_000);
  const { store } = storeOf({ traces: 100, bytes: 200_000 });
  for (let n = 1; n <= 50; n++) store.add(trace(n, 1, heavy));
  expect(store.bytes).toBeLessThanOrEqual(200_000);
  expect(store.size).toBeGreaterThan(3);
  const fat = { resource: { 'process.command_args': ['z'.repeat(60_000)] } };
  for (let n = 51; n <= 60; n++) store.add(trace(n, 5, fat));
  expect(store.size).toBe(3);
  store.clear();
  for (let n = 1; n <= 60; n++) store.add(trace(n));
  expect(store.size).toBe(60);
  expect(store.bytes).toBeLessThan(store.spanCount * 1_200);
});

test('one trace without end leaves room for others, and what is refused is counted', () => {
  const { store } = storeOf({ traces: 100, spans: 10 });
  store.add(trace(1));
  for (let n = 0; n < 20; n++) store.add([span({ trace: traceIdOf(2), id: `n${n}` })]);
  expect([store.size, store.get(traceIdOf(2))?.spans.size, store.refusedSpans]).toEqual([2, 5, 15]);
});

test('the books are right after spans that came again, and empty after a clear', () => {
  const { store, log } = storeOf({ traces: 10 });
  store.add(trace(1, 2));
  const { bytes } = store;
  store.add(trace(1, 2));
  expect([store.bytes, store.spanCount]).toEqual([bytes, 2]);
  store.clear();
  expect([store.size, store.spanCount, store.bytes, log.at(-1)]).toEqual([0, 0, 0, 'cleared']);
});
