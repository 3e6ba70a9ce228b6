// Owns the clock of the buffer: one timer for all deadlines, running only while there are any.
import { AsyncLocalStorage } from 'node:async_hooks';

/** A timer made inside a request would keep that request's async-local stores alive for as long as it runs. */
const outside = AsyncLocalStorage.snapshot();

/** How late a deadline may be noticed, in milliseconds. */
const TICK_MS = 25;
/** A timer that is silent for so long is not late but gone, with the fake clock under which it was made. */
const LOST_MS = 1_000;
/** Cancelled entries that are put up with before the lines are swept, so that a far deadline holds no memory. */
const LEAST_SWEEP = 1_000;

/**
 * A class, and so is what it holds: V8 counts which object literals outlive a minor collection, and makes those that nearly
 * always do in the old generation from then on, together with what is written into them. What is over by then holds young
 * garbage alive until the next major collection: all of 100,000 traces in one tick, 140 MB, in every second run.
 */
export class Deadline<Item> {
  /** Undefined once it is over or was cancelled: nothing is held on to by then. */
  item: Item | undefined;
  readonly at: number;

  constructor(item: Item, at: number) {
    this.item = item;
    this.at = at;
  }
}

/** Deadlines of one and the same distance come due in the order they were set, so the first entry tells enough. */
interface Line<Item> {
  entries: Deadline<Item>[];
  first: number;
}

export class Deadlines<Item> {
  readonly #due: (item: Item) => void;
  readonly #now: () => number;
  readonly #lines = new Map<number, Line<Item>>();
  #waiting = 0;
  #cancelled = 0;
  #timer: NodeJS.Timeout | undefined;
  #tickedAt = 0;

  /** @param now monotonic milliseconds */
  constructor(due: (item: Item) => void, now: () => number) {
    this.#due = due;
    this.#now = now;
  }

  /** @param inMs one of few different values: each has a line of its own */
  add(item: Item, inMs: number): Deadline<Item> {
    let line = this.#lines.get(inMs);
    if (line === undefined) {
      line = { entries: [], first: 0 };
      this.#lines.set(inMs, line);
    }
    const now = this.#now();
    const entry = new Deadline(item, now + inMs);
    line.entries.push(entry);
    this.#waiting++;
    if (this.#timer === undefined || now - this.#tickedAt > LOST_MS) {
      clearInterval(this.#timer);
      this.#tickedAt = now;
      this.#timer = outside(() => setInterval(() => this.check(), TICK_MS).unref());
    }
    return entry;
  }

  /** The timer goes on until its next tick: requests come one after the other, and a new timer for each costs more. */
  cancel(entry: Deadline<Item>): void {
    if (entry.item === undefined) return;
    entry.item = undefined;
    this.#waiting--;
    this.#cancelled++;
    if (this.#cancelled > LEAST_SWEEP && this.#cancelled > this.#waiting) this.#sweep();
  }

  /** Tells of everything due. Called by the timer, and by tests. */
  check(): void {
    const now = this.#now();
    this.#tickedAt = now;
    for (const [distance, line] of this.#lines) {
      let entry = line.entries[line.first];
      while (entry !== undefined && entry.at <= now) {
        line.first++;
        const { item } = entry;
        if (item === undefined) this.#cancelled--;
        else {
          entry.item = undefined;
          this.#waiting--;
          this.#due(item);
        }
        // Whoever was told may have stopped the clock, or cancelled the rest of the line.
        if (this.#lines.get(distance) !== line) break;
        entry = line.entries[line.first];
      }
      if (this.#lines.get(distance) !== line) continue;
      if (line.first >= line.entries.length) this.#lines.delete(distance);
      else if (line.first > LEAST_SWEEP && line.first * 2 > line.entries.length) {
        line.entries.splice(0, line.first);
        line.first = 0;
      }
    }
    if (this.#waiting === 0) this.stop();
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Entries in memory, over and cancelled ones included. */
  get held(): number {
    let held = 0;
    for (const { entries } of this.#lines.values()) held += entries.length;
    return held;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#lines.clear();
    this.#waiting = 0;
    this.#cancelled = 0;
  }

  #sweep(): void {
    this.#cancelled = 0;
    for (const [distance, line] of this.#lines) {
      line.entries = line.entries.filter(({ item }) => item !== undefined);
      line.first = 0;
      if (line.entries.length === 0) this.#lines.delete(distance);
    }
  }
}
