// Owns what becomes of spans and triggers that come after their trace was decided: they are treated like the rest of it.
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { DecisionCache } from './decision-cache.ts';
import { exportedSpan, sampledSpan } from './exported-span.ts';
import { isOwnReason, type KeepReason } from './fragment.ts';
import { otValue } from './ot-state.ts';
import type { Booked, OwnTriggers } from './own-triggers.ts';
import { randomnessOf } from './threshold.ts';

export interface Past extends Booked {
  kept: boolean;
  reason: KeepReason;
  threshold: string | undefined;
  /** Explicit randomness of the trace, else its id counts. */
  rv: string | undefined;
  /** A late error says nothing new, or is not to be heard: its trace was over the budget, or on a route never kept. */
  quiet: boolean;
  /** The reason came after its end: not counted as kept before a span of it leaves. */
  uncounted?: boolean;
}

export interface LateSpansOptions {
  own: OwnTriggers;
  keepErrors: boolean;
  serviceName: string;
  emit(span: ReadableSpan): boolean;
  /** Counts one kept trace. */
  kept(reason: KeepReason): void;
}

export class LateSpans {
  readonly past = new DecisionCache<Past>();
  readonly #options: LateSpansOptions;
  #lastKept: Past | undefined;
  #lastDropped: Past | undefined;

  constructor(options: LateSpansOptions) {
    this.#options = options;
  }

  /** What most traces come to is one of few things, and one object stands for each: thousands of them are remembered. */
  remember(traceId: string, past: Past): void {
    const last = past.kept ? this.#lastKept : this.#lastDropped;
    const shared = last !== undefined && isSame(last, past) ? last : past;
    if (past.kept) this.#lastKept = shared;
    else this.#lastDropped = shared;
    this.past.set(traceId, shared);
  }

  /** Kept otherwise than by the head. */
  wasForced(traceId: string): boolean {
    const decided = this.past.get(traceId);
    return decided?.kept === true && !byHead(decided.reason);
  }

  end(span: ReadableSpan, failed: boolean): void {
    const { emit, keepErrors, serviceName } = this.#options;
    const { traceId, traceFlags } = span.spanContext();
    const decided = this.past.get(traceId);
    const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    if (decided?.kept === true) {
      const { reason, threshold } = decided;
      if (!byHead(reason))
        this.#book(decided, emit(exportedSpan(span, { reason, threshold, partial: true, serviceName })));
      else emit(sampled ? span : sampledSpan(span, threshold));
    } else if (failed && keepErrors && decided?.quiet !== true && this.#keepError(span, traceId, decided)) {
      // Exported, alone: what it belonged to is gone.
    } else if (sampled) emit(span);
  }

  /** Whoever still runs, and whatever begins under it, is kept from now on. */
  trigger(traceId: string, reason: KeepReason): void {
    const decided = this.past.get(traceId);
    if (decided === undefined || this.wasForced(traceId)) return;
    let threshold: string | undefined;
    if (isOwnReason(reason)) {
      if (decided.quiet) return;
      const head = decided.kept ? decided.threshold : undefined;
      threshold = this.#options.own.admit(randomnessOf(traceId, decided.rv), head);
      if (threshold === undefined) {
        this.past.set(traceId, { ...decided, quiet: true });
        return;
      }
    }
    // Nothing may come any more. What the head had let out is out.
    const booked = !isOwnReason(reason) ? undefined : decided.kept ? 'exported' : 'evicted';
    if (booked !== undefined) this.#options.own.counts[booked]++;
    if (decided.kept) this.#options.kept(reason);
    const uncounted = !decided.kept;
    this.past.set(traceId, { kept: true, reason, threshold, rv: decided.rv, quiet: true, booked, uncounted });
  }

  /** A span of a trace that was forced has left, or could not. */
  #book(past: Past, sent: boolean): void {
    if (past.booked === 'evicted') this.#options.own.rebook(past, sent ? 'exported' : 'exportFailed');
    if (!sent || past.uncounted !== true) return;
    past.uncounted = false;
    this.#options.kept(past.reason);
  }

  /** False when it is over the budget. The further errors of the trace are exported, too, and are not counted again. */
  #keepError(span: ReadableSpan, traceId: string, decided: Past | undefined): boolean {
    const { own, emit, kept, serviceName } = this.#options;
    const first = decided?.reason !== 'error_late';
    if (first) {
      const rv = otValue(span.spanContext().traceState, 'rv');
      const quiet = own.admit(randomnessOf(traceId, rv), undefined) === undefined;
      this.past.set(traceId, { kept: false, reason: 'error_late', threshold: undefined, rv, quiet, booked: undefined });
      if (quiet) return false;
    }
    const late = exportedSpan(span, { reason: 'error_late', threshold: undefined, partial: true, serviceName });
    const sent = emit(late);
    if (first) {
      own.counts[sent ? 'exported' : 'exportFailed']++;
      kept('error_late');
    }
    return true;
  }
}

function byHead(reason: KeepReason): boolean {
  return reason === 'head' || reason === 'flag';
}

/** What is booked of its own is changed later, and has to be an object of its own. */
function isSame(a: Past, b: Past): boolean {
  const { reason, threshold, rv, quiet } = b;
  const plain = a.booked === undefined && b.booked === undefined && a.uncounted === undefined;
  return plain && a.reason === reason && a.threshold === threshold && a.rv === rv && a.quiet === quiet;
}
