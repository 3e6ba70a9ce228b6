// Ten thousand words of strangers: as many traces are kept as `trustIncoming` and the head allow.
import { createTraceState, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { createKeepHooks } from '../../src/provider/keep-hooks.ts';
import { createHeadSampler } from '../../src/sampling/head-sampler.ts';
import { createKeeper } from '../../src/sampling/keeper.ts';
import { createTrust, trustingSampler } from '../../src/sampling/trust.ts';

const many = 10_000;

function service(rule: 'all' | 'none' | string[], ratio: number) {
  const kept = new Set<string>();
  const keeper = createKeeper({
    serviceName: 'edge',
    slowMs: undefined,
    keepErrors: true,
    keepBudget: undefined,
    bufferBytes: 2 ** 20,
    spansPerTrace: 100,
    retentionMs: 0,
    slowDeadline: false,
    routes: [],
    emit: (span: ReadableSpan) => void kept.add(span.spanContext().traceId),
  });
  const trust = createTrust(rule);
  const head = createHeadSampler('parentbased_traceidratio', ratio);
  const provider = new TracerProvider({
    sampler: trustingSampler(keeper.sampler(head), trust),
    spanProcessors: [keeper.processor],
  });
  return { kept, keeper, tracer: provider.getTracer('t'), hooks: createKeepHooks({ keeper, trust, keepErrors: true }) };
}

/** What somebody sends who wants to be kept: the flag, an id of the highest randomness, a threshold of zero. */
function forged(i: number) {
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: `${(i + 1).toString(16).padStart(18, '0')}ffffffffffffff`,
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
    traceState: createTraceState('ot=th:0;rv:ffffffffffffff'),
  });
  return { context, options: { kind: SpanKind.SERVER, attributes: { 'network.peer.address': '203.0.113.9' } } };
}

test.each<[string, 'all' | 'none' | string[], number, number]>([
  ['all are kept under all', 'all', many, many],
  ['the head’s share is kept under none', 'none', 0.007 * many, 0.013 * many],
  ['the head’s share is kept of whom no list names', ['10.0.0.0/8'], 0.007 * many, 0.013 * many],
  ['all are kept of whom a list names', ['203.0.113.0/24'], many, many],
])('of 10,000 forged flags %s', (_, rule, least, most) => {
  const { tracer, kept } = service(rule, 0.01);
  for (let i = 0; i < many; i += 1) {
    const { context, options } = forged(i);
    tracer.startSpan('GET', options, context).end();
  }
  expect(kept.size).toBeGreaterThanOrEqual(least);
  expect(kept.size).toBeLessThanOrEqual(most);
});

test.each<[string, 'all' | 'none' | string[], boolean, number]>([
  ['none is taken for traces that the sender cannot know', 'all', false, 0],
  ['all are taken of a trusted callee about the caller’s own trace', 'all', true, many],
  ['none is taken under none', 'none', true, 0],
  ['none is taken from a callee that no list names', ['10.0.0.0/8'], true, 0],
])('of 10,000 forged answers %s', (_, rule, knows, expected) => {
  const { tracer, kept, hooks } = service(rule, 0);
  for (let i = 0; i < many; i += 1) {
    const span = tracer.startSpan('GET', {
      kind: SpanKind.CLIENT,
      attributes: { 'network.peer.address': '203.0.113.9' },
    });
    const { traceId, spanId } = span.spanContext();
    const told = knows ? traceId : i.toString(16).padStart(32, 'a');
    const header = `db;dur=1, trace;desc=00-${told}-${spanId}-01`;
    hooks.undici(span, [Buffer.from('Server-Timing'), Buffer.from(header)]);
    span.end();
  }
  expect(kept.size).toBe(expected);
});

test('an untrusted caller that says “not sampled” hides no error', () => {
  const { tracer, kept } = service('none', 0);
  const { context, options } = forged(0);
  const span = tracer.startSpan(
    'GET',
    options,
    trace.setSpanContext(context, { ...trace.getSpanContext(context)!, traceFlags: 0 }),
  );
  span.setStatus({ code: 2 });
  span.end();
  expect(kept.size).toBe(1);
});
