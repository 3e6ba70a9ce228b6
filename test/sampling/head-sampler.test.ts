import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { createHeadSampler, type HeadSamplerName } from '../../src/sampling/head-sampler.ts';

/** The official sampler folds the id's four words by XOR: any ratio above 0 keeps the first, none below 1 the second. */
const low = '00000000000000000000000000000001';
const high = '000000000000000000000000ffffffff';

function decision(name: HeadSamplerName, ratio: number, traceId: string, parentSampled?: boolean): boolean {
  const parent =
    parentSampled === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId,
          spanId: '1111111111111111',
          traceFlags: parentSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
          isRemote: true,
        });
  const result = createHeadSampler(name, ratio).shouldSample(parent, traceId, 'GET', SpanKind.SERVER, {}, []);
  return result.decision === SamplingDecision.RECORD_AND_SAMPLED;
}

test.each<[HeadSamplerName, number, string, boolean | undefined, boolean]>([
  ['always_on', 0, high, undefined, true],
  ['always_on', 0, high, false, true],
  ['always_off', 1, low, undefined, false],
  ['always_off', 1, low, true, false],
  ['traceidratio', 0.1, low, undefined, true],
  ['traceidratio', 0.1, high, undefined, false],
  ['traceidratio', 0.1, high, true, false],
  ['parentbased_always_on', 0, high, undefined, true],
  ['parentbased_always_on', 0, high, false, false],
  ['parentbased_always_off', 1, low, undefined, false],
  ['parentbased_always_off', 1, low, true, true],
  ['parentbased_traceidratio', 0.1, low, undefined, true],
  ['parentbased_traceidratio', 0.1, high, undefined, false],
  ['parentbased_traceidratio', 0.1, high, true, true],
  ['parentbased_traceidratio', 0.1, low, false, false],
])('%s at %f: trace %s with caller sampled=%s is sampled: %s', (name, ratio, traceId, parentSampled, expected) => {
  expect(decision(name, ratio, traceId, parentSampled)).toBe(expected);
});

test('a ratio of 0.1 keeps one trace in ten', () => {
  const sampler = createHeadSampler('parentbased_traceidratio', 0.1);
  let kept = 0;
  for (let i = 0; i < 10_000; i++) {
    // An even sweep over the randomness, so that the count is exact and the test cannot flake.
    const traceId = `${'0'.repeat(24)}${Math.floor((i / 10_000) * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId, 'GET', SpanKind.SERVER, {}, []);
    if (decision === SamplingDecision.RECORD_AND_SAMPLED) kept++;
  }
  expect(Math.abs(kept - 1000)).toBeLessThanOrEqual(1);
});
