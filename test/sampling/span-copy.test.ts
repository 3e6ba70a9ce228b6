import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { type ReadableSpan, type Span, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { exportedSpan, flip } from '../../src/sampling/exported-span.ts';
import { SpanCopy } from '../../src/sampling/span-copy.ts';
import { caller, fail, flag, idWith, rig, th } from './keeper-rig.ts';
import { received } from './wire-situations.ts';

// Complete, or it does not compile: what the SDK adds to a span one day must be copied, too.
const fields: Record<Exclude<keyof ReadableSpan, 'spanContext'>, true> = {
  name: true,
  kind: true,
  parentSpanContext: true,
  startTime: true,
  endTime: true,
  status: true,
  attributes: true,
  links: true,
  events: true,
  duration: true,
  ended: true,
  resource: true,
  instrumentationScope: true,
  droppedAttributesCount: true,
  droppedEventsCount: true,
  droppedLinksCount: true,
};

/** A span in which no field has the value that an empty one has. */
function richSpan(): ReadableSpan {
  const limits = { attributeCountLimit: 1, eventCountLimit: 1, linkCountLimit: 1 };
  const tracer = new TracerProvider({ spanLimits: limits }).getTracer('rich', '1.2.3');
  const context = { traceId: idWith(0.5, 'b'), spanId: '2222222222222222', traceFlags: 1 };
  const links = [{ context }, { context }, { context }, { context }];
  const span = tracer.startSpan('GET /', { kind: SpanKind.CONSUMER, links }, caller(idWith(0.5), 1)) as Span;
  span.setAttributes({ a: 1, b: 2 });
  for (const name of ['one', 'two', 'three']) span.addEvent(name, { a: 1 });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
  span.end();
  return span;
}

describe('a copy', () => {
  const span = richSpan();
  const context = { ...span.spanContext(), traceFlags: TraceFlags.SAMPLED };
  const copy = new SpanCopy(span, context);

  test.each(Object.keys(fields) as (keyof typeof fields)[])('has the %s of the span', (field) => {
    expect(copy[field]).toBe(span[field]);
    const empty = new TracerProvider().getTracer('').startSpan('') as Span;
    if (field !== 'resource') expect(copy[field]).not.toEqual(empty[field]);
  });

  test('has the context that it was given, and leaves that of the span alone', () => {
    expect(copy.spanContext()).toBe(context);
    expect(copy.spanContext()).not.toBe(span.spanContext());
  });
});

test('what becomes of the context of a span after its export does not reach the exported one, nor the other way round', () => {
  const r = rig();
  const span = r.start('GET /', caller(idWith(0.5), 0, 'vendor=a'));
  const exported = exportedSpan(span, { reason: 'error', threshold: '8', partial: false, serviceName: 'shop' });
  const before = exported.spanContext().traceState?.serialize();
  flip(span);
  const live = span.spanContext() as { traceState?: unknown };
  live.traceState = undefined;
  expect([flag(exported), exported.spanContext().traceState?.serialize()]).toEqual([1, before]);

  const other = r.start('GET /');
  const copied = exportedSpan(other, { reason: 'error', threshold: '0', partial: false, serviceName: 'shop' });
  (copied.spanContext() as { traceFlags: number }).traceFlags = 3;
  expect([flag(other), th(other)]).toEqual([0, undefined]);
});

describe('a span that has been exported with a weight of one', () => {
  /** Chosen by the head or not, then failed and exported, and still the active span of what comes after it. */
  function failed(ratio: number, share: number) {
    const r = rig({ ratio, slowMs: undefined });
    const root = r.start('GET /', caller(idWith(share), ratio, ratio === 1 ? 'ot=th:e666' : undefined));
    const failing = r.child(root);
    fail(failing);
    const exported = r.emitted.find((span) => span.spanContext().spanId === failing.spanContext().spanId);
    expect(exported && th(exported)).toBe('0');
    return { r, root, failing };
  }
  const onTheWire = (span: Span) => {
    const context = trace.getSpanContext(received(span));
    return [context?.traceFlags, context?.traceState?.serialize()];
  };
  const states: [string, number, number, string | undefined][] = [
    ['chosen by the head', 1, 0.95, 'ot=th:e666'],
    ['not chosen', 0, 0.05, undefined],
  ];

  test.each(states)('says nothing of it to what it calls itself: %s', (_, ratio, share, state) => {
    const { failing, root } = failed(ratio, share);
    // Requests go on under it, and nobody looks at its context again before they leave.
    expect(onTheWire(root)).toEqual([1, state]);
    if (ratio === 1) expect(onTheWire(failing)).toEqual([1, state]);
    else expect(onTheWire(failing)[1]).toBe(state);
  });

  test.each(states)('says nothing of it to the spans below it: %s', (_, ratio, share, state) => {
    const { r, failing } = failed(ratio, share);
    expect(onTheWire(r.child(failing, 'call'))).toEqual([1, state]);
  });

  test.each(states)('says nothing of it once its request is over: %s', (_, ratio, share, state) => {
    const { r, root, failing } = failed(ratio, share);
    root.end();
    expect([onTheWire(r.child(failing, 'late')), onTheWire(r.child(root, 'late'))]).toEqual([
      [1, state],
      [1, state],
    ]);
  });

  test('says nothing of it in a trace that begins here and is chosen for one in two', () => {
    const r = rig({ ratio: 0.5, head: 'traceidratio' });
    for (let i = 0; i < 40; i++) {
      const root = r.start('GET /', ROOT_CONTEXT);
      const chosen = flag(root) === 1;
      fail(r.child(root));
      expect(onTheWire(r.child(root, 'call'))).toEqual([1, chosen ? 'ot=th:8' : undefined]);
    }
  });
});
