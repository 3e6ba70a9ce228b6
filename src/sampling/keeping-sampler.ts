// Owns the contexts that new spans get: sampled, undecided, or kept, and what is said about it on the wire.
import { type TraceState, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import type { Fragment } from './fragment.ts';
import { soundThreshold, withoutThreshold, withThreshold } from './ot-state.ts';
import { withDeadline } from './slow-deadline.ts';

export interface KeepingView {
  fragment(traceId: string): Fragment | undefined;
  /** The trace was forced, and has been let go since. */
  wasForced(traceId: string): boolean;
  /** Milliseconds after which a request that begins here is slow; undefined for not telling. */
  deadlineMs(path: unknown): number | undefined;
}

/** Records everything; the sampled flag stays the decision of `head`, until a trigger overrules it. */
export function keepingSampler(head: Sampler, view: KeepingView): Sampler {
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const parent = trace.getSpanContext(context);
      const fragment = view.fragment(traceId);
      const begunHere = parent !== undefined && parent.isRemote !== true;
      const forced = fragment?.forced !== undefined && (begunHere || !fragment.spent);
      if (fragment === undefined ? begunHere && view.wasForced(traceId) : forced) {
        return said(SamplingDecision.RECORD_AND_SAMPLED, forcedState(traceId, fragment, parent?.traceState));
      }
      const result = head.shouldSample(context, traceId, name, kind, attributes, links);
      const state = result.traceState ?? parent?.traceState;
      if (result.decision === SamplingDecision.RECORD_AND_SAMPLED) {
        // A stale threshold makes consistent samplers further down drop what is kept here.
        if (begunHere || parent === undefined || soundThreshold(traceId, state) !== undefined) return result;
        return { ...result, ...said(result.decision, withoutThreshold(state)) };
      }
      // Another request of this trace came sampled: the whole of it is kept.
      if (fragment?.head === true) {
        const joined = withThreshold(state, fragment.headThreshold);
        // Its own randomness may differ, and exclude it.
        const sound = soundThreshold(traceId, joined) !== undefined;
        return { ...result, ...said(SamplingDecision.RECORD_AND_SAMPLED, sound ? joined : withoutThreshold(joined)) };
      }
      const slowMs = parent === undefined ? view.deadlineMs(attributes['url.path']) : undefined;
      const clean = withoutThreshold(state);
      const marked = slowMs === undefined ? clean : withDeadline(clean, Date.now() + slowMs);
      return { ...result, ...said(SamplingDecision.RECORD, marked) };
    },
    toString: () => `Keeper{${head.toString()}}`,
  };
}

/**
 * What the head had chosen anyway goes on with the head's threshold, which is true of it: without one, everyone further
 * down could not tell these from the traces that are kept on a word, and would count too few. All others go without.
 */
function forcedState(traceId: string, fragment: Fragment | undefined, state: TraceState | undefined) {
  const chosen = fragment === undefined || fragment.head;
  return chosen && soundThreshold(traceId, state) !== undefined ? state : withoutThreshold(state);
}

const said = (decision: SamplingDecision, traceState: TraceState | undefined) =>
  traceState === undefined ? { decision } : { decision, traceState };
