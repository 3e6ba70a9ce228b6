// Owns the books of this process's own reasons to keep a trace, and the budget they are held to.
import { KeepBudget } from './budget.ts';
import { admits } from './decide.ts';
import { parseThreshold } from './threshold.ts';

export class OwnTriggers {
  readonly counts = { triggered: 0, exported: 0, throttled: 0, evicted: 0, exportFailed: 0 };
  readonly #budget: KeepBudget;
  readonly #onThrottled: (() => void) | undefined;

  constructor(perSecond: number | undefined, onThrottled: (() => void) | undefined, now: () => number) {
    this.#budget = new KeepBudget(perSecond, now);
    this.#onThrottled = onThrottled;
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
