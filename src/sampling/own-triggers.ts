// Owns the books of this process's own reasons to keep a trace, and the budget they are held to.
import { KeepBudget } from './budget.ts';
import { admits } from './decide.ts';
import { parseThreshold } from './threshold.ts';

/** A trace with an own trigger that was let through. */
export interface Booked {
  /** Where it is counted; undefined without such a trigger, or once that is final. */
  booked: 'exported' | 'evicted' | undefined;
}

export class OwnTriggers {
  readonly counts = { triggered: 0, exported: 0, throttled: 0, evicted: 0, exportFailed: 0 };
  readonly #budget: KeepBudget;
  readonly #onThrottled: (() => void) | undefined;

  constructor(perSecond: number | undefined, onThrottled: (() => void) | undefined, now: () => number) {
    this.#budget = new KeepBudget(perSecond, now);
    this.#onThrottled = onThrottled;
  }

  /** Corrects the books when a trace fares otherwise than it was counted. A failed export stays one. */
  rebook(trace: Booked, to: 'exported' | 'evicted' | 'exportFailed'): void {
    if (trace.booked === undefined || trace.booked === to) return;
    this.counts[trace.booked]--;
    this.counts[to]++;
    trace.booked = to === 'exportFailed' ? undefined : to;
  }

  /**
   * Counts one trigger. Whoever is let through has to be counted under `exported`, `evicted` or `exportFailed`.
   *
   * @param head `th` of the head's decision, when that kept the trace under one
   * @returns `th` that the trace is kept under; undefined when it is over the budget
   */
  admit(randomness: number, head: string | undefined): string | undefined {
    this.counts.triggered++;
    const limit = this.#budget.observe();
    const share = parseThreshold(head);
    if (limit.text !== undefined && admits(randomness, limit.value, share)) {
      return share !== undefined && share < limit.value ? head : limit.text;
    }
    this.counts.throttled++;
    try {
      this.#onThrottled?.();
    } catch {
      // A report that fails must not reach the app.
    }
    return undefined;
  }
}
