import { expect, test } from 'vitest';
import { emptySpan, type ReceivedSpan } from '../../src/receiver/received-span.ts';
import { sortSpans, weightOf } from './fragments.ts';
import { identity } from './identity.ts';
import type { Fault } from './service/plan.ts';
import type { LogLine } from './service/protocol.ts';
import { tally } from './tally.ts';

const span = (fields: Partial<ReceivedSpan>): ReceivedSpan => ({
  ...emptySpan({}, { name: '', version: '' }),
  traceId: 't',
  ...fields,
});

/** A trace of two services: s0 calls s1. */
function trace({ status = 'unset' as const, traceState = 'ot=th:e666' } = {}): ReceivedSpan[] {
  const server = (service: string, spanId: string, parentSpanId: string | undefined, hop: string) =>
    span({
      spanId,
      parentSpanId,
      kind: 'server',
      traceState,
      resource: { 'service.name': service },
      attributes: { 'app.request.id': 'r', 'app.hop': hop },
      status: { code: status, message: '' },
    });
  return [
    server('s0', 'a', undefined, '0'),
    span({ spanId: 'b', parentSpanId: 'a', kind: 'client' }),
    server('s1', 'c', 'b', '0.0'),
    span({ spanId: 'd', parentSpanId: 'c', kind: 'internal' }),
  ];
}

const line = (fields: Partial<LogLine>): LogLine => ({
  service: 's0',
  requestId: 'r',
  hop: '0',
  fault: undefined,
  status: 200,
  ms: 5,
  spans: 2,
  ownError: false,
  finished: true,
  unexpected: undefined,
  ...fields,
});
const log = [line({}), line({ service: 's1', hop: '0.0' })];
const failing = [line({}), line({ service: 's1', hop: '0.0', fault: 'hidden', ownError: true })];
const hidden: Fault = { kind: 'hidden', hop: '0.0', early: true, stallMs: 0, rootBeforeMs: 0, rootAfterMs: 0 };

test('a whole trace counts as path, fragment and trace kept', () => {
  const { kinds, triggers, duplicates, orphans } = tally(failing, trace(), () => hidden, 400);
  expect(kinds).toEqual([{ kind: 'hidden', n: 1, path: 1, fragment: 1, complete: 1 }]);
  expect([triggers.expected, triggers.missing, duplicates, orphans]).toEqual([1, 0, 0, 0]);
});

test.each([
  ['the entry', 0, { path: 0, fragment: 1, complete: 0 }],
  ['the client span between', 1, { path: 0, fragment: 1, complete: 0 }],
  ['the failing server span', 2, { path: 0, fragment: 0, complete: 0 }],
  ['a child in the failing fragment', 3, { path: 1, fragment: 0, complete: 0 }],
])('a trace without %s is not mistaken for whole', (_, missing, expected) => {
  const { kinds } = tally(failing, trace().toSpliced(missing, 1), () => hidden, 400);
  expect(kinds).toEqual([{ kind: 'hidden', n: 1, ...expected }]);
});

test('a trigger that nobody exported is missing', () => {
  const { triggers } = tally(failing, [], () => hidden, 400);
  expect([triggers.expected, triggers.missing]).toEqual([1, 1]);
  expect(triggers.examples[0]).toMatch(/hop 0.0 of s1 \(hidden, status 200, 5 ms\): 0 of 2 spans/);
});

test('a slow fragment is a trigger without any fault, and its request no normal one', () => {
  const slow = [line({ ms: 500 }), line({ service: 's1', hop: '0.0' })];
  const { triggers, normal, leftOut } = tally(slow, trace(), () => undefined, 400);
  expect([triggers.expected, normal.n, leftOut.slow]).toEqual([1, 0, 1]);
});

test('normal traces: kept, complete, forced', () => {
  expect(tally(log, trace(), () => undefined, 400).normal).toEqual({ n: 1, kept: 1, complete: 1, forced: 0 });
  expect(tally(log, [], () => undefined, 400).normal).toEqual({ n: 1, kept: 0, complete: 0, forced: 0 });
  const forced = trace();
  forced[3]!.attributes = { 'keeptrace.reason': 'slow' };
  expect(tally(log, forced, () => undefined, 400).normal.forced).toBe(1);
});

test('a request with an error that the plan does not hold counts for neither side', () => {
  const { leftOut, normal } = tally([line({ unexpected: '0.0: ECONNRESET' })], [], () => undefined, 400);
  expect([leftOut.unexpected, normal.n]).toEqual([1, 0]);
});

test('duplicates and orphans are counted', () => {
  expect(sortSpans([...trace(), trace()[0]!]).duplicates).toBe(1);
  expect(sortSpans(trace().toSpliced(2, 1)).orphans).toBe(1);
});

test('counts by service come from the weights', () => {
  const { counts } = tally(log, trace(), () => undefined, 400);
  expect(counts.map(({ service, handled }) => [service, handled])).toEqual([
    ['s0', 1],
    ['s1', 1],
  ]);
  expect(counts[0]?.weighted).toBeCloseTo(10, 2);
  const failed = tally(
    [line({ status: 500 })],
    trace({ status: 'error' as never, traceState: 'ot=th:0' }).slice(0, 1),
    () => undefined,
    400,
  );
  expect(failed.counts[0]).toMatchObject({ failed: 1, weightedFailed: 1 });
});

test.each([
  ['ot=th:0', 1],
  ['ot=th:8', 2],
  ['ot=rv:0123456789abcd;th:c', 4],
  ['vendor=x,ot=th:8;rv:0123456789abcd', 2],
  ['', 0],
  ['ot=rv:0123456789abcd', 0],
  ['other=th:8', 0],
])('the weight of tracestate "%s" is %d', (traceState, weight) => {
  expect(weightOf(span({ traceState }))).toBe(weight);
});

test('books that do not add up are a problem, and so are none', () => {
  const good = { triggered: 5, exported: 3, throttled: 1, evicted: 1, exportFailed: 0 };
  expect(identity('s', { sampling: good })).toEqual({ service: 's', counted: 2, problem: undefined });
  expect(identity('s', { sampling: { ...good, exported: 4 } }).problem).toMatch('triggered 5 ≠ exported 4');
  expect(identity('s', { sampling: { triggered: 0 } }).problem).toMatch('lacks');
  expect(identity('s', {}).problem).toMatch('no sampling counts');
});
