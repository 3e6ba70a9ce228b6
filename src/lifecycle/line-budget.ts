// Owns how much may be printed: 2 KiB in any minute, whatever goes wrong and in how many ways at a time.

const WINDOW_MS = 60_000;

/** Bytes of a minute after which a line of that rank has to wait. What is lost outranks what happens. */
export const rank = {
  /** A fault and how it goes on. */
  news: 1_024,
  /** Lost spans, and the end of an outage that was announced. */
  loss: 1_536,
  /** What has not been said when the process ends. */
  last: 1_920,
} as const;

export class LineBudget {
  readonly #now: () => number;
  #spent: { at: number; bytes: number }[] = [];
  #total = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a line of `bytes` fits below `most`; it is counted then. */
  allows(bytes: number, most: number): boolean {
    const since = this.#now() - WINDOW_MS;
    while (this.#spent.length > 0 && this.#spent[0]!.at <= since) this.#total -= this.#spent.shift()!.bytes;
    if (this.#total + bytes > most) return false;
    this.#total += bytes;
    this.#spent.push({ at: this.#now(), bytes });
    return true;
  }
}
