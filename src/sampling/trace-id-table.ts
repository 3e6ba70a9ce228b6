// Owns a table from trace ids to values that holds no string and leaves nothing behind for the garbage collector.

/** 128 bits. */
const WORDS = 4;
/** Slots in relation to entries; rounded up to a power of two. */
const ROOM = 1.6;

/** Whoever chooses trace ids does not know which of them meet in one slot. */
const seed = (Math.random() * 2 ** 32) | 0;
const key = new Uint32Array(WORDS);

export class TraceIdTable<Value> {
  size = 0;
  readonly #ids: Uint32Array;
  readonly #values: (Value | undefined)[];
  readonly #mask: number;

  /** @param most entries; it is up to the caller to stay within */
  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(most * ROOM + 1));
    this.#ids = new Uint32Array(slots * WORDS);
    this.#values = new Array<Value | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
  }

  get(traceId: string): Value | undefined {
    return this.#values[this.#slotOf(traceId)];
  }

  has(traceId: string): boolean {
    return this.get(traceId) !== undefined;
  }

  set(traceId: string, value: Value): void {
    const slot = this.#slotOf(traceId);
    if (this.#values[slot] === undefined) {
      this.#ids.set(key, slot * WORDS);
      this.size++;
    }
    this.#values[slot] = value;
  }

  clear(): void {
    this.#values.fill(undefined);
    this.size = 0;
  }

  /** Where it is, or else where it would be. Leaves its words in `key`. */
  #slotOf(traceId: string): number {
    const ids = this.#ids;
    let slot = readKey(traceId) & this.#mask;
    for (; this.#values[slot] !== undefined; slot = (slot + 1) & this.#mask) {
      const at = slot * WORDS;
      if (ids[at] === key[0] && ids[at + 1] === key[1] && ids[at + 2] === key[2] && ids[at + 3] === key[3]) break;
    }
    return slot;
  }
}

/** Returns a hash. A parser for text that may not be hexadecimal costs more than the digits of what always is. */
function readKey(traceId: string): number {
  let hash = seed;
  for (let word = 0; word < WORDS; word++) {
    let bits = 0;
    for (let at = word * 8; at < word * 8 + 8 && at < traceId.length; at++) {
      const code = traceId.charCodeAt(at);
      bits = (bits << 4) | ((code & 15) + (code >> 6) * 9);
    }
    key[word] = bits;
    hash = Math.imul(hash ^ bits, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
