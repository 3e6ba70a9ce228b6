// What lies in the folders of this process: the order of sending, the order of giving up, and the sums. Touches no file.
import type { Lane } from '../destination/destination-contract.ts';

export interface SpoolItem {
  /** Path below the spool's folder. */
  name: string;
  /** Bytes of the file. */
  size: number;
  spanCount: number;
  lane: Lane;
  /** Unix milliseconds, by the clock of whoever made it. */
  createdAt: number;
  /** Uptime in seconds at which it was made, as far as can be told. Ages are counted from it, never from the wall clock. */
  born: number;
  sequence: number;
  /** Written by this process. */
  own: boolean;
  /** The folder it lies in, below the spool's. */
  folder: string;
}

const BLOCK = 4096;
/** What a file takes from a disk. Counting bytes alone, a cap of 64 MiB would allow 200,000 files of one span. */
export const diskBytes = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

const inOrder = (a: SpoolItem, b: SpoolItem): number => a.born - b.born || a.sequence - b.sequence;

export class SpoolIndex {
  /** Oldest first. */
  readonly #waiting: Record<Lane, SpoolItem[]> = { kept: [], rest: [] };
  readonly #held = new Map<string, SpoolItem>();
  readonly #perFolder = new Map<string, number>();
  files = 0;
  spans = 0;
  /** On disk, in whole blocks. */
  bytes = 0;

  add(items: readonly SpoolItem[], held = false): void {
    for (const item of items) {
      this.files++;
      this.spans += item.spanCount;
      this.bytes += diskBytes(item.size);
      this.#perFolder.set(item.folder, this.inFolder(item.folder) + 1);
      if (held) this.#held.set(item.name, item);
    }
    if (!held) this.#queue(items);
  }

  /** The next to send: errors first, then by age. It is held from then on. */
  take(): SpoolItem | undefined {
    const item = this.#waiting.kept.shift() ?? this.#waiting.rest.shift();
    if (item) this.#held.set(item.name, item);
    return item;
  }

  held(name: string): SpoolItem | undefined {
    return this.#held.get(name);
  }

  /** Held from now on, if it is here at all. */
  hold(name: string): SpoolItem | undefined {
    for (const items of Object.values(this.#waiting)) {
      const at = items.findIndex((item) => item.name === name);
      if (at !== -1) for (const item of items.splice(at, 1)) this.#held.set(name, item);
    }
    return this.#held.get(name);
  }

  /** Returns whether it was held. */
  release(name: string): boolean {
    const item = this.#held.get(name);
    if (!item) return false;
    this.#held.delete(name);
    this.#queue([item]);
    return true;
  }

  /** Takes a held item out of the sums. */
  drop(item: SpoolItem): void {
    if (this.#held.delete(item.name)) this.#uncount(item);
  }

  /** The first to give up when there is no room: the rest before the errors, the oldest first; nothing that is held. */
  giveUp(lanes: readonly Lane[] = ['rest', 'kept']): SpoolItem | undefined {
    for (const lane of lanes) {
      const item = this.#waiting[lane].shift();
      if (item) return this.#uncount(item);
    }
    return undefined;
  }

  /** One waiting item that was born before, in uptime seconds. */
  expired(before: number): SpoolItem | undefined {
    for (const lane of ['rest', 'kept'] as const) {
      const first = this.#waiting[lane][0];
      if (first && first.born < before) return this.giveUp([lane]);
    }
    return undefined;
  }

  /** Could `bytes` be freed by giving up items of these lanes? */
  canFree(bytes: number, lanes: readonly Lane[]): boolean {
    let freed = 0;
    for (const lane of lanes) {
      for (const item of this.#waiting[lane]) {
        if (freed >= bytes) return true;
        freed += diskBytes(item.size);
      }
    }
    return freed >= bytes;
  }

  inFolder(folder: string): number {
    return this.#perFolder.get(folder) ?? 0;
  }

  /** Spans of this process that nobody holds in memory. */
  get ownWaiting(): number {
    let spans = 0;
    for (const items of Object.values(this.#waiting)) for (const item of items) if (item.own) spans += item.spanCount;
    return spans;
  }

  clear(): void {
    this.#waiting.kept = [];
    this.#waiting.rest = [];
    this.#held.clear();
    this.#perFolder.clear();
    this.files = this.spans = this.bytes = 0;
  }

  #queue(items: readonly SpoolItem[]): void {
    const unsorted = new Set<SpoolItem[]>();
    for (const item of items) {
      const lane = this.#waiting[item.lane];
      const last = lane.at(-1);
      if (last && inOrder(last, item) > 0) unsorted.add(lane);
      lane.push(item);
    }
    for (const lane of unsorted) lane.sort(inOrder);
  }

  #uncount(item: SpoolItem): SpoolItem {
    this.files--;
    this.spans -= item.spanCount;
    this.bytes -= diskBytes(item.size);
    const left = this.inFolder(item.folder) - 1;
    if (left > 0) this.#perFolder.set(item.folder, left);
    else this.#perFolder.delete(item.folder);
    return item;
  }
}
