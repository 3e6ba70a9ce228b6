// What others make of our contexts: vanilla and consistent samplers downstream, and contexts of theirs that come in.
import { SpanKind, trace } from '@opentelemetry/api';
import {
  createComposableAlwaysOffSampler,
  createComposableParentThresholdSampler,
  createCompositeSampler,
} from '@opentelemetry/sampler-composite';
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { parseThreshold, randomnessOf } from '../../src/sampling/threshold.ts';
import { caller, fail, flag, idWith, rig, th } from './keeper-rig.ts';
import { dropped, kept, received, situations } from './wire-situations.ts';

/** The official sampler that follows a caller's threshold, and where there is none the caller's flag. */
const parentThreshold = createCompositeSampler(
  createComposableParentThresholdSampler(createComposableAlwaysOffSampler()),
);

const downstream: Record<string, Sampler> = {
  'ParentBased(AlwaysOn)': new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  'ParentBased(TraceIdRatio 0)': new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) }),
  'Composite(ParentThreshold)': parentThreshold,
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

test('and it does so when the word comes after the end of the request', () => {
  const keepWith = (rv: string): number => {
    const r = rig({ keepBudget: 1 });
    for (let i = 0; i < 200; i++) {
      const root = r.start('GET /', caller(idWith(i / 200), 0, `ot=rv:${rv}`));
      root.end();
      r.keeper.trigger(root.spanContext().traceId, 'manual');
      r.child(root).end();
    }
    return r.keeper.stats().exported;
  };
  expect([keepWith('ffffffffffffff'), keepWith('00000000000000')]).toEqual([200, 1]);
});
