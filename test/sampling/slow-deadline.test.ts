import { defaultTextMapSetter, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { TraceState, W3CTraceContextPropagator } from '@opentelemetry/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cutDeadlineAtQueues, readDeadline, withDeadline } from '../../src/sampling/slow-deadline.ts';
import { caller, flag, idWith, rig } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const now = 1_800_000_000_000;

// Entry of the tracestate, and the milliseconds left.
test.each([
  [`d:${(now + 700).toString(36)}`, 700],
  [`d:${(now - 5).toString(36)}`, 0],
  [`d:${(now + 11 * 60_000).toString(36)}`, undefined],
  [`d:${(now - 11 * 60_000).toString(36)}`, undefined],
  ['d:', undefined],
  ['d:!!', undefined],
  ['x', undefined],
  [`d:${'z'.repeat(40)}`, undefined],
])('%j leaves %s ms', (entry, left) => {
  expect(readDeadline(new TraceState(`keeptrace=${entry}`), now)).toBe(left);
});

test('what is written is read, to the millisecond', () => {
  expect(readDeadline(withDeadline(undefined, now + 321.4), now)).toBe(321);
  expect(readDeadline(undefined, now)).toBeUndefined();
});

const deadlineOf = (span: ReturnType<ReturnType<typeof rig>['start']>) =>
  readDeadline(span.spanContext().traceState, Date.now());

test('a clock that does not know the time finds no deadline', () => {
  expect(readDeadline(withDeadline(undefined, Date.now() + 100), Number.NaN)).toBeUndefined();
});

test('a request that begins here tells its deadline to all it calls, by the limit of its route', () => {
  const r = rig({ slowDeadline: true, routes: [{ path: '/stream', slowMs: 'off' }] });
  const root = r.start('GET /');
  expect([deadlineOf(root), deadlineOf(r.child(root))]).toEqual([1000, 1000]);
  expect(deadlineOf(r.start('stream', undefined, { 'url.path': '/stream' }))).toBeUndefined();
  expect(deadlineOf(r.start('called', caller(idWith(0.5), 0)))).toBeUndefined();
  expect(deadlineOf(rig().start('GET /'))).toBeUndefined();
  expect(deadlineOf(rig({ slowDeadline: true, ratio: 1 }).start('sampled'))).toBeUndefined();
});

test('whoever is still at it at the deadline keeps its part, on another`s word and without a weight', () => {
  const r = rig({ slowMs: undefined });
  const state = `keeptrace=d:${(Date.now() + 290).toString(36)}`;
  const [over, at] = ['over', 'at'].map((name, i) => r.start(name, caller(idWith(0.5, `${i}`), 0, state)));
  r.pass(285);
  over?.end();
  r.pass(40);
  expect([flag(at!), r.keeper.stats()]).toMatchObject([1, { kept: { deadline: 1 }, dropped: 1, triggered: 0 }]);
  at?.end();
  expect(r.emitted[0]?.attributes).not.toHaveProperty('keeptrace.weight');
});

test('a deadline that has passed keeps at once, and one that was missed is seen at the end', () => {
  const r = rig({ slowMs: undefined });
  const root = r.start('GET /', caller(idWith(0.5), 0, `keeptrace=d:${(Date.now() + 50).toString(36)}`));
  r.clock.ms += 60;
  root.end();
  expect(r.keeper.stats().kept).toEqual({ deadline: 1 });
});

test.each([
  ['a call', SpanKind.CLIENT, true],
  ['a message', SpanKind.PRODUCER, false],
])('the deadline goes along with %s: %s', (_, kind, along) => {
  const spanContext = { traceId: idWith(0.5), spanId: '1111111111111111', traceFlags: 1 };
  const traceState = withDeadline(new TraceState('other=1'), now);
  const span = Object.assign(trace.wrapSpanContext({ ...spanContext, traceState }), { kind });
  const carrier: Record<string, string> = {};
  const propagator = cutDeadlineAtQueues(new W3CTraceContextPropagator());
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), carrier, defaultTextMapSetter);
  expect(carrier.traceparent).toContain(spanContext.traceId);
  expect(carrier.tracestate?.includes('keeptrace=d:')).toBe(along);
  expect(carrier.tracestate).toContain('other=1');
});
