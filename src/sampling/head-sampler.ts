// Owns the head decision: which traces carry the sampled flag from their first span on.
import { type Context, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, ParentBasedSampler, type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { otValue, withThreshold } from './ot-state.ts';
import { randomnessOf, type Threshold, thresholdOf } from './threshold.ts';

/** Names of the OpenTelemetry specification for `OTEL_TRACES_SAMPLER` (SDK configuration, general variables). */
export type HeadSamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

/**
 * A `parentbased_*` sampler follows the caller's decision and uses the rest of its name for traces that begin here
 * (R5, R16).
 *
 * @param ratio share of the traces to keep, 0…1; read by the two ratio samplers only
 */
export function createHeadSampler(name: HeadSamplerName, ratio: number): Sampler {
  switch (name) {
    case 'always_on':
      return new ConsistentSampler(1);
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new ConsistentSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new ConsistentSampler(1) });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new ConsistentSampler(ratio) });
  }
}

/**
 * Keeps a trace iff its randomness reaches the threshold, and says the threshold in the tracestate, from which everyone
 * downstream can tell how many traces this one stands for. The official ratio sampler folds the id by XOR instead, so
 * that its decisions agree with no threshold (and with no SDK of another language).
 */
class ConsistentSampler implements Sampler {
  readonly #ratio: number;
  readonly #threshold: Threshold;

  constructor(ratio: number) {
    this.#ratio = ratio;
    this.#threshold = thresholdOf(ratio);
  }

  shouldSample(context: Context, traceId: string) {
    const state = trace.getSpanContext(context)?.traceState;
    const { value, text } = this.#threshold;
    if (text === undefined || randomnessOf(traceId, otValue(state, 'rv')) < value) {
      return { decision: SamplingDecision.NOT_RECORD };
    }
    return { decision: SamplingDecision.RECORD_AND_SAMPLED, traceState: withThreshold(state, text) };
  }

  toString(): string {
    return `Consistent{${this.#ratio}}`;
  }
}
