// Owns how many traces a second this process may keep on its own account, and which of them when there are more.
import { type Threshold, thresholdOf } from './threshold.ts';

const WINDOW_MS = 1_000;

const unlimited: Threshold = { value: 0, text: '0' };

/**
 * Thins by the trace's own randomness instead of taking whatever comes first: all processes that are overloaded at once
 * then keep the same traces, so that what is kept is whole, and the weight of a kept one is exact.
 */
export class KeepBudget {
  readonly #perSecond: number | undefined;
  readonly #now: () => number;
  #windowStart: number;
  #current = 0;
  #previous = 0;

  /** @param perSecond traces; undefined for no limit */
  constructor(perSecond: number | undefined, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#windowStart = now();
  }

  /** Counts one trigger and says under which threshold its trace would be kept. */
  observe(): Threshold {
    if (this.#perSecond === undefined) return unlimited;
    this.#roll();
    this.#current++;
    // The share of the last second that is still in view; without it each window would begin with a free burst.
    const view = 1 - (this.#now() - this.#windowStart) / WINDOW_MS;
    const rate = this.#current + this.#previous * Math.max(0, view);
    return rate <= this.#perSecond ? unlimited : thresholdOf(this.#perSecond / rate);
  }

  #roll(): void {
    const elapsed = this.#now() - this.#windowStart;
    if (elapsed < WINDOW_MS) return;
    this.#previous = elapsed < 2 * WINDOW_MS ? this.#current : 0;
    this.#current = 0;
    this.#windowStart += Math.floor(elapsed / WINDOW_MS) * WINDOW_MS;
  }
}
