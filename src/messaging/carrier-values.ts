// Owns how a header of any broker becomes one string: bytes are decoded, several values joined as HTTP joins them.

/** Longer than any header of a trace (a baggage has up to 8,192 bytes); more is not looked at. */
const longest = 8_192;

/** What a header or attribute says; undefined for what is no text, empty or too long. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return bounded(value);
  if (value instanceof Uint8Array) return value.byteLength > longest ? undefined : bounded(decode(value));
  if (!Array.isArray(value) || value.length === 0 || value.length > 32) return undefined;
  const texts: string[] = [];
  for (const one of value) {
    const text = Array.isArray(one) ? undefined : textOf(one);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  // Two tracestates are one list; two traceparents are none that can be read, which is what W3C asks for.
  return bounded(texts.join(','));
}

/** The text in base64, as Lambda hands on binary attributes. */
export function textOfBase64(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return textOf(value);
  return typeof value === 'string' && value.length <= longest * 2
    ? bounded(decode(Buffer.from(value, 'base64')))
    : undefined;
}

/** The key as it is written in `from`: names of headers have no case. */
export function ownKey(from: object, key: string): string | undefined {
  if (Object.hasOwn(from, key)) return key;
  const wanted = key.toLowerCase();
  for (const name of Object.keys(from)) if (name.length === key.length && name.toLowerCase() === wanted) return name;
  return undefined;
}

function bounded(text: string): string | undefined {
  const trimmed = text.length > longest ? '' : text.trim();
  return trimmed === '' ? undefined : trimmed;
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
