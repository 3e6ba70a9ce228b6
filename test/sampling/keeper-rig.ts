// A keeper between a real tracer provider and a list of what it hands out, on a clock that the test moves.
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type TraceState, trace } from '@opentelemetry/api';
import { TraceState as SdkTraceState } from '@opentelemetry/core';
import { type ReadableSpan, type Span, TracerProvider } from '@opentelemetry/sdk-trace';
import { vi } from 'vitest';
import { createHeadSampler, type HeadSamplerName } from '../../src/sampling/head-sampler.ts';
import { createKeeper, type KeeperOptions } from '../../src/sampling/keeper.ts';
import { otValue } from '../../src/sampling/ot-state.ts';

/** mulberry32: the same ids in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RigOptions extends Partial<KeeperOptions> {
  head?: HeadSamplerName;
  ratio?: number;
  seed?: number;
}

export function rig({ head = 'parentbased_traceidratio', ratio = 0, seed = 1, ...options }: RigOptions = {}) {
  const clock = { ms: 0 };
  const emitted: ReadableSpan[] = [];
  const keeper = createKeeper({
    serviceName: 'shop',
    slowMs: 1000,
    keepErrors: true,
    keepBudget: undefined,
    bufferBytes: 64 * 2 ** 20,
    spansPerTrace: 2000,
    retentionMs: 0,
    slowDeadline: false,
    routes: [],
    emit: (span) => emitted.push(span),
    now: () => clock.ms,
    ...options,
  });
  const next = random(seed);
  const hex = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('');
  const provider = new TracerProvider({
    sampler: keeper.sampler(createHeadSampler(head, ratio)),
    spanProcessors: [keeper.processor],
    idGenerator: { generateTraceId: () => hex(32), generateSpanId: () => hex(16) },
  });
  const tracer = provider.getTracer('test');
  const start = (name: string, parent: Context | Span = ROOT_CONTEXT, attributes = {}, kind = SpanKind.SERVER) =>
    tracer.startSpan(
      name,
      { kind, attributes },
      'spanContext' in parent ? trace.setSpan(ROOT_CONTEXT, parent) : parent,
    ) as Span;
  return {
    keeper,
    emitted,
    clock,
    start,
    child: (parent: Span, name = 'child') => start(name, parent, {}, SpanKind.CLIENT),
    /** Moves the clock, and the timer with it; needs `vi.useFakeTimers()`. */
    pass(ms: number) {
      clock.ms += ms;
      vi.advanceTimersByTime(ms);
    },
    names: () => emitted.map(({ name }) => name),
  };
}

export function fail(span: Span): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** A trace id with this randomness, 0…1. */
export function idWith(share: number, low = 'a'): string {
  const r = Math.min(2 ** 48 - 1, Math.floor(share * 2 ** 48)).toString(16);
  return `${low.repeat(18)}${r.padStart(12, '0')}00`;
}

export function caller(traceId: string, traceFlags: number, state?: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: '1111111111111111',
    traceFlags,
    isRemote: true,
    ...(state !== undefined && { traceState: new SdkTraceState(state) as TraceState }),
  });
}

export const th = (span: Pick<ReadableSpan, 'spanContext'>) => otValue(span.spanContext().traceState, 'th');
export const flag = (span: Pick<ReadableSpan, 'spanContext'>) => span.spanContext().traceFlags;

/** The identity of the books. */
export function balance(rigged: ReturnType<typeof rig>): number {
  const { triggered, exported, throttled, evicted, exportFailed } = rigged.keeper.stats();
  return triggered - exported - throttled - evicted - exportFailed;
}

/** No span came out twice, and each can be exported. */
export function soundness(rigged: ReturnType<typeof rig>): { twice: number; unsampled: number } {
  const ids = rigged.emitted.map((span) => span.spanContext().spanId);
  return {
    twice: ids.length - new Set(ids).size,
    unsampled: rigged.emitted.filter((span) => (flag(span) & 1) === 0).length,
  };
}
