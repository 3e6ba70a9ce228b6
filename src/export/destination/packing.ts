// Owns how a body is kept small while it waits: gzip, ten times smaller, whatever goes over the wire in the end. A collector
// that takes all at once is never made to pay for it: only what has to wait is packed.
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Sealed, SealedBody } from './destination-contract.ts';

/** Below, zlib does not work. */
const LEAST_CHUNK = 64;
/** Whatever damaged bytes say of their length. */
const MOST_CHUNK = 2 ** 20;

/** Level 1 halves the time of level 6 for 3 % more bytes. The result has the memory of its own length and no more. */
export function squeeze(bytes: Uint8Array): Buffer {
  const packed = gzipSync(bytes, { level: 1 });
  if (packed.buffer.byteLength === packed.length) return packed;
  // A short result is a window on the 16 KB that zlib worked in: 10,000 batches of one span would hold 164 MB.
  const exact = Buffer.allocUnsafeSlow(packed.length);
  packed.copy(exact);
  return exact;
}

export function pack(sealed: Sealed, onWire: 'none' | 'gzip'): Sealed {
  const { body } = sealed;
  if (body.kind !== 'bytes' || body.packed) return sealed;
  const bytes = onWire === 'gzip' ? body.bytes : squeeze(body.bytes);
  return { ...sealed, body: { kind: 'bytes', bytes, packed: true }, size: bytes.byteLength };
}

/** @throws for what is damaged */
export function unsqueeze(packed: Uint8Array): Buffer {
  // In one piece: zlib would make one for each 16 KB, and join them. With a byte to spare, or it makes a second.
  return gunzipSync(packed, { chunkSize: Math.min(Math.max(plainSize(packed) + 1, LEAST_CHUNK), MOST_CHUNK) });
}

/** The bytes as they go over the wire; undefined for what cannot be sent as bytes, or is damaged. */
export function unpack(body: SealedBody, onWire: 'none' | 'gzip'): Uint8Array | undefined {
  if (body.kind !== 'bytes') return undefined;
  if (!body.packed || onWire === 'gzip') return body.bytes;
  try {
    return unsqueeze(body.bytes);
  } catch {
    return undefined;
  }
}

/** Size before compression, which is what receivers limit. */
export function plainSize(body: Uint8Array): number {
  // The last four bytes of a gzip member (RFC 1952 §2.3.1).
  return isGzip(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).readUInt32LE(body.length - 4)
    : body.length;
}

/** No OTLP request begins like this: JSON opens with a brace, protobuf with the tag of its first field. */
export function isGzip(body: Uint8Array): boolean {
  return body.length >= 18 && body[0] === 0x1f && body[1] === 0x8b;
}
