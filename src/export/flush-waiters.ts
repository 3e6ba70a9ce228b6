// Those who wait for a flush. Each holds the process until its deadline: without that a script would end first.
import { laterHolding, now } from './clock.ts';

interface Waiter {
  throughSeq: number;
  /** Monotonic ms. */
  deadline: number;
  resolve: () => void;
}

export class FlushWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves when all batches up to `throughSeq` are done with, when that is hopeless, or at the deadline. */
  async wait(throughSeq: number, deadline: number, settle: () => void): Promise<void> {
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    const waiter = { throughSeq, deadline, resolve };
    this.#waiters.add(waiter);
    const cancel = laterHolding(Math.max(0, deadline - now()), resolve);
    settle();
    await promise;
    cancel();
    this.#waiters.delete(waiter);
  }

  /**
   * @param oldestSeq the oldest batch not done with; Infinity for none
   * @param blockedUntil monotonic ms before which nothing will be sent
   */
  settle(oldestSeq: number, blockedUntil: number): void {
    for (const waiter of this.#waiters) {
      if (oldestSeq <= waiter.throughSeq && blockedUntil <= waiter.deadline) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
