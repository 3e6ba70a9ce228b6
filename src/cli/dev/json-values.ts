// Attribute values as JSON can say them. Pure.

/** Integers beyond 2^53 become their digits, bytes base64, numbers that JSON has no word for their names. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === 'object' && value !== null) return jsonBag(value as Record<string, unknown>);
  return value;
}

export function jsonBag(bag: Record<string, unknown>): Record<string, unknown> {
  // From entries, so that a key `__proto__` stays a key.
  return Object.fromEntries(Object.entries(bag).map(([key, value]) => [key, jsonValue(value)]));
}

/** One line for a column and for comparisons; undefined stays so. */
export function valueText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const plain = jsonValue(value);
  return typeof plain === 'string' ? plain : JSON.stringify(plain);
}
