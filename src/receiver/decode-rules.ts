// What both decoders share: the bounds that keep a hostile body cheap, and the rules for ids, integers and keys.

/** Nesting of arrays and maps in one attribute value. Protobuf libraries stop at 100; no real attribute comes near. */
export const MAX_DEPTH = 64;

/**
 * Spans, events, links, attributes and array elements of one request. Two bytes of protobuf can name an element of
 * hundreds of bytes in memory, so the cap on the body alone would not bound the memory.
 */
export const MAX_ELEMENTS = 1_000_000;

/** The body is not what OTLP says it should be; the message tells where. */
export class OtlpDecodeError extends Error {
  override name = 'OtlpDecodeError';
}

/** Counts the elements of one request. */
export class ElementBudget {
  #left = MAX_ELEMENTS;

  take(): void {
    this.#left -= 1;
    if (this.#left < 0)
      throw new OtlpDecodeError(`more than ${MAX_ELEMENTS} spans, attributes and events in one request`);
  }
}

export function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new OtlpDecodeError(`an attribute value is nested deeper than ${MAX_DEPTH} levels`);
}

/** A number where it is exact, else a bigint: the same value whatever the encoding was. */
export function integerOf(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** `bag[key] = value`, except that a key `__proto__` becomes a property instead of a prototype. */
export function setOwn(bag: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(bag, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    bag[key] = value;
  }
}

const HEX = /^[0-9a-f]*$/;

/** Lower-case hex id of exactly `digits` digits; "" and all zeros mean "none" and come back as "". */
export function idOf(hex: string, digits: 16 | 32, what: string): string {
  const id = hex.toLowerCase();
  if (id === '') return '';
  if (id.length !== digits || !HEX.test(id)) throw new OtlpDecodeError(`${what} is not ${digits} hex digits`);
  return /[^0]/.test(id) ? id : '';
}

/** A span without its two ids cannot be put anywhere, so the request is refused as a whole. */
export function requireIds(span: { traceId: string; spanId: string }): void {
  if (span.traceId === '') throw new OtlpDecodeError('a span has no traceId');
  if (span.spanId === '') throw new OtlpDecodeError('a span has no spanId');
}
