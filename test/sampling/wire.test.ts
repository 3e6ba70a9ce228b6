// What others make of our contexts: vanilla and consistent samplers downstream, and contexts of theirs that come in.
import { type Context, ROOT_CONTEXT, SpanKind, type TextMapSetter, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type Span,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { otValue } from '../../src/sampling/ot-state.ts';
import { parseThreshold, randomnessOf } from '../../src/sampling/threshold.ts';
import { caller, fail, flag, idWith, type RigOptions, rig, th } from './keeper-rig.ts';

const propagator = new W3CTraceContextPropagator();
const setter: TextMapSetter<Record<string, string>> = {
  set: (carrier, key, value) => void Object.assign(carrier, { [key]: value }),
};

/** Over the wire and back, as a downstream process sees it. */
function received(span: Span): Context {
  const headers: Record<string, string> = {};
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, setter);
  return propagator.extract(ROOT_CONTEXT, headers, { get: (from, key) => from[key], keys: Object.keys });
}

/**
 * The rule of a consistent sampler that follows its parent (OpenTelemetry SDK specification, ComposableParentThreshold):
 * a threshold decides by itself, whatever the flag says; without one the flag does.
 */
const parentThreshold: Sampler = {
  shouldSample(context, traceId) {
    const parent = trace.getSpanContext(context);
    const threshold = parseThreshold(otValue(parent?.traceState, 'th'));
    const kept =
      threshold === undefined
        ? ((parent?.traceFlags ?? 0) & 1) === 1
        : randomnessOf(traceId, otValue(parent?.traceState, 'rv')) >= threshold;
    return { decision: kept ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  },
  toString: () => 'ParentThreshold',
};

const downstream: Record<string, Sampler> = {
  'ParentBased(AlwaysOn)': new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  'ParentBased(TraceIdRatio 0)': new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) }),
  'consistent ParentThreshold': parentThreshold,
};

type Situation = (options?: RigOptions) => Span;
const kept = idWith(0.95);
const dropped = idWith(0.05);
const callee = (r: ReturnType<typeof rig>, root: Span) => r.child(root, 'call');

/** A client span in each of the situations, for a trace above and one below the threshold of the head. */
const situations: Record<string, { make: Situation; sampled: boolean }> = {
  'undecided, begun by an undecided caller': {
    sampled: false,
    make: () => {
      const r = rig({ ratio: 0.1 });
      return callee(r, r.start('GET /', caller(kept, 0, 'ot=th:e666')));
    },
  },
  'undecided, begun here': {
    sampled: false,
    make: () => {
      const r = rig({ ratio: 0 });
      return callee(r, r.start('GET /'));
    },
  },
  'chosen by the head here': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 1 });
      return callee(r, r.start('GET /'));
    },
  },
  'chosen by the caller, with its threshold': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      return callee(r, r.start('GET /', caller(kept, 1, 'ot=th:e666')));
    },
  },
  'forced by the caller, with a threshold that excludes the trace': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      return callee(r, r.start('GET /', caller(dropped, 1, 'ot=th:e666')));
    },
  },
  'forced here, before the call begins': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      fail(r.child(root));
      return callee(r, root);
    },
  },
  'forced here, in a further request of the same trace': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      fail(r.child(r.start('GET /', caller(dropped, 0, 'ot=th:e666'))));
      return callee(r, r.start('GET /', caller(dropped, 0, 'ot=th:e666')));
    },
  },
  'forced here, while the call runs': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      const call = callee(r, root);
      r.keeper.trigger(root.spanContext().traceId, 'response');
      return call;
    },
  },
  'forced here, under a span that has ended and weighs 1': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      const failing = r.child(root);
      fail(failing);
      return callee(r, failing);
    },
  },
  'forced here, after the request has ended': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      fail(root);
      return callee(r, root);
    },
  },
};

describe.each(Object.entries(situations))('a call that is %s', (_, { make, sampled }) => {
  test.each(Object.entries(downstream))('is seen as it is by %s', (_name, sampler) => {
    const context = received(make());
    const { traceId } = trace.getSpanContext(context)!;
    const { decision } = sampler.shouldSample(context, traceId, 'GET', SpanKind.SERVER, {}, []);
    expect(decision === SamplingDecision.RECORD_AND_SAMPLED).toBe(sampled);
  });

  test('carries no threshold that its trace does not reach, and none at all while undecided', () => {
    const span = make();
    expect(flag(span)).toBe(sampled ? 1 : 0);
    const threshold = parseThreshold(th(span));
    if (!sampled) expect(threshold).toBeUndefined();
    else if (threshold !== undefined)
      expect(randomnessOf(span.spanContext().traceId)).toBeGreaterThanOrEqual(threshold);
  });
});

test('a vanilla ratio sampler decides by itself, as it does about everybody', () => {
  for (const { make } of Object.values(situations)) {
    const context = received(make());
    const { traceId } = trace.getSpanContext(context)!;
    const decide = (ratio: number) => new TraceIdRatioBasedSampler(ratio).shouldSample(context, traceId).decision;
    expect([decide(1), decide(0)]).toEqual([SamplingDecision.RECORD_AND_SAMPLED, SamplingDecision.NOT_RECORD]);
  }
});

describe('regressions of what was found by running OpenTelemetry JS', () => {
  test('a consistent sampler drops a forced context with a stale threshold, which is why ours has none', () => {
    const context = caller(dropped, 1, 'ot=th:e666');
    const { decision } = parentThreshold.shouldSample(context, dropped, 'GET', SpanKind.SERVER, {}, []);
    expect(decision).toBe(SamplingDecision.NOT_RECORD);
    const r = rig({ ratio: 0.1 });
    expect(th(r.start('GET /', context))).toBeUndefined();
  });

  test('a threshold is erased by a state without it; entries of others, and randomness, stay', () => {
    const r = rig();
    const root = r.start('GET /', caller(dropped, 0, 'vendor=a,ot=th:e666;rv:00000000000001'));
    expect(root.spanContext().traceState?.serialize()).toBe('ot=rv:00000000000001,vendor=a');
    fail(r.child(root));
    expect(root.spanContext().traceState?.serialize()).toBe('ot=rv:00000000000001,vendor=a');
  });

  test('the random flag of W3C level 2 is no sampled flag, and does not hide one', () => {
    const r = rig();
    expect([flag(r.start('x', caller(kept, 2))), flag(r.start('x', caller(dropped, 3)))]).toEqual([0, 1]);
    r.keeper.close();
    expect(r.keeper.stats().kept).toEqual({ flag: 1 });
  });

  test('an undecided context whose threshold the trace reaches would be kept, which is why it has none', () => {
    const context = caller(kept, 0, 'ot=th:e666');
    const { decision } = parentThreshold.shouldSample(context, kept, 'GET', SpanKind.SERVER, {}, []);
    expect(decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
    expect(th(rig({ ratio: 0.1 }).start('GET /', context))).toBeUndefined();
  });

  test('exporters leave out what has no sampled flag: everything that comes out has it', () => {
    const r = rig();
    const root = r.start('GET /');
    r.child(root, 'ended before').end();
    fail(root);
    expect(r.emitted.map(flag)).toEqual([1, 1]);
  });
});

test('randomness that came along decides about the budget, too', () => {
  const keepWith = (rv: string): number => {
    const r = rig({ keepBudget: 1 });
    for (let i = 0; i < 200; i++) fail(r.start('GET /', caller(idWith(i / 200), 0, `ot=rv:${rv}`)));
    return r.keeper.stats().exported;
  };
  expect([keepWith('ffffffffffffff'), keepWith('00000000000000')]).toEqual([200, 1]);
});
