// Turns spans into request bodies. Bad and oversize spans cost themselves, not the up to 511 others of their batch.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { soundSpans } from './sound-span.ts';

/** Encodes spans; may throw or return nothing for spans it cannot express. */
export type Encode = (spans: ReadableSpan[]) => Uint8Array | undefined;

export interface Encoded {
  bytes: Uint8Array;
  spanCount: number;
}

/**
 * Encodes `spans` into bodies of at most `requestBytes` each, except that a single span may exceed it. Never throws.
 * The serializers throw at some values an app can produce (`span.end(NaN)`, a bigint as name), for the whole batch.
 */
export function encodeSpans(
  spans: ReadableSpan[],
  encode: Encode,
  requestBytes: number,
): { bodies: Encoded[]; poisoned: number } {
  if (spans.length === 0) return { bodies: [], poisoned: 0 };
  let good = soundSpans(spans);
  let bytes = good.length > 0 ? attempt(good, encode) : undefined;
  if (!bytes) {
    good = withoutPoison(good, encode);
    bytes = good.length > 0 ? attempt(good, encode) : undefined;
    if (!bytes) return { bodies: [], poisoned: spans.length };
  }
  return { bodies: split(good, bytes, encode, requestBytes), poisoned: spans.length - good.length };
}

/** Halves until each bad span stands alone: about 2·log2(n) encodings for one bad span. */
function withoutPoison(spans: ReadableSpan[], encode: Encode): ReadableSpan[] {
  if (spans.length <= 1) return [];
  const middle = spans.length >> 1;
  return [spans.slice(0, middle), spans.slice(middle)].flatMap((half) =>
    attempt(half, encode) ? half : withoutPoison(half, encode),
  );
}

/** Cuts in proportion to the excess instead of halving: huge spans are costly to encode again and again. */
function split(spans: ReadableSpan[], bytes: Uint8Array, encode: Encode, requestBytes: number): Encoded[] {
  if (bytes.length <= requestBytes || spans.length === 1) return [{ bytes, spanCount: spans.length }];
  const parts = Math.min(spans.length, Math.ceil(bytes.length / requestBytes) + 1);
  const size = Math.ceil(spans.length / parts);
  const bodies: Encoded[] = [];
  for (let at = 0; at < spans.length; at += size) {
    const part = spans.slice(at, at + size);
    const encoded = attempt(part, encode);
    if (encoded) bodies.push(...split(part, encoded, encode, requestBytes));
  }
  return bodies;
}

function attempt(spans: ReadableSpan[], encode: Encode): Uint8Array | undefined {
  try {
    return encode(spans);
  } catch {
    return undefined;
  }
}
