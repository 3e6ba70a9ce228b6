import { createTraceState, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { createHeadSampler, type HeadSamplerName } from '../../src/sampling/head-sampler.ts';

/** The last 56 bits of the id are the randomness: a ratio of 0.1 keeps the uppermost tenth. */
const low = `ffffffffffffffffff${'e665ffffffffff'}`;
const high = `000000000000000000${'e6660000000000'}`;

function decide(name: HeadSamplerName, ratio: number, traceId: string, parentSampled?: boolean, ot?: string) {
  const context = {
    traceId,
    spanId: '1111111111111111',
    traceFlags: parentSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(ot !== undefined && { traceState: createTraceState(`ot=${ot}`) }),
  };
  const parent =
    parentSampled === undefined && ot === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
  return createHeadSampler(name, ratio).shouldSample(parent, traceId, 'GET', SpanKind.SERVER, {}, []);
}

test.each<[HeadSamplerName, number, string, boolean | undefined, boolean]>([
  ['always_on', 0, low, undefined, true],
  ['always_on', 0, low, false, true],
  ['always_off', 1, high, undefined, false],
  ['always_off', 1, high, true, false],
  ['traceidratio', 0.1, high, undefined, true],
  ['traceidratio', 0.1, low, undefined, false],
  ['traceidratio', 0.1, low, true, false],
  ['traceidratio', 0, high, undefined, false],
  ['traceidratio', 1, low, undefined, true],
  ['parentbased_always_on', 0, low, undefined, true],
  ['parentbased_always_on', 0, low, false, false],
  ['parentbased_always_off', 1, high, undefined, false],
  ['parentbased_always_off', 1, high, true, true],
  ['parentbased_traceidratio', 0.1, high, undefined, true],
  ['parentbased_traceidratio', 0.1, low, undefined, false],
  ['parentbased_traceidratio', 0.1, low, true, true],
  ['parentbased_traceidratio', 0.1, high, false, false],
])('%s at %f: trace %s with caller sampled=%s is sampled: %s', (name, ratio, traceId, parentSampled, expected) => {
  const { decision } = decide(name, ratio, traceId, parentSampled);
  expect(decision === SamplingDecision.RECORD_AND_SAMPLED).toBe(expected);
});

test.each<[HeadSamplerName, number, string | undefined]>([
  ['always_on', 0, 'th:0'],
  ['traceidratio', 1, 'th:0'],
  ['parentbased_traceidratio', 0.1, 'th:e666'],
  ['parentbased_traceidratio', 0.5, 'th:8'],
  ['parentbased_traceidratio', 0.01, 'th:fd70a'],
])('%s at %f says %s', (name, ratio, expected) => {
  expect(decide(name, ratio, 'f'.repeat(32)).traceState?.get('ot')).toBe(expected);
});

test('randomness that the trace brings along counts instead of its id, and goes on with it', () => {
  const kept = decide('traceidratio', 0.1, low, false, 'rv:ffffffffffffff');
  expect(kept.decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  expect(kept.traceState?.get('ot')).toBe('th:e666;rv:ffffffffffffff');
  expect(decide('traceidratio', 0.1, high, false, 'rv:00000000000000').decision).toBe(SamplingDecision.NOT_RECORD);
});

test('a ratio of 0.1 keeps one trace in ten, whatever the rest of the id is', () => {
  const sampler = createHeadSampler('parentbased_traceidratio', 0.1);
  let kept = 0;
  for (let i = 0; i < 10_000; i++) {
    // An even sweep over the randomness, so that the count is exact and the test cannot flake.
    const share = Math.floor((i / 10_000) * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    const { decision } = sampler.shouldSample(
      ROOT_CONTEXT,
      `${'5a'.repeat(9)}${share}000000`,
      'GET',
      SpanKind.SERVER,
      {},
      [],
    );
    if (decision === SamplingDecision.RECORD_AND_SAMPLED) kept++;
  }
  expect(Math.abs(kept - 1000)).toBeLessThanOrEqual(1);
});
