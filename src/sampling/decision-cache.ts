// Owns what became of traces that are gone from the buffer, so that spans which end late are treated like the rest.

/** About 120 bytes an entry. */
const MOST_ENTRIES = 20_000;

/** Least recently decided out first. */
export class DecisionCache<Decision> {
  readonly #entries = new Map<string, Decision>();
  readonly #most: number;

  constructor(most: number = MOST_ENTRIES) {
    this.#most = most;
  }

  set(traceId: string, decision: Decision): void {
    this.#entries.delete(traceId);
    this.#entries.set(traceId, decision);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value as string);
  }

  get(traceId: string): Decision | undefined {
    return this.#entries.get(traceId);
  }

  get size(): number {
    return this.#entries.size;
  }
}
