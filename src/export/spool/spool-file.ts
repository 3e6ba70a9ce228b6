// The format of one spooled batch: its record, and the name of its file. Pure; everything else about the spool relies on it.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Lane } from '../destination/destination-contract.ts';

export interface RecordMeta {
  spanCount: number;
  lane: Lane;
  /** Unix milliseconds. */
  createdAt: number;
}

/** What a file name says. It is all that a scan looks at: a file need not be opened to be counted, ordered or evicted. */
export interface FileName extends RecordMeta {
  sequence: number;
  /** Bytes of the whole file. */
  size: number;
}

export type Decoded =
  | { ok: true; meta: RecordMeta; payload: Uint8Array }
  /** In words, for the log. */
  | { ok: false; why: string };

const MAGIC = 0x4b54_5350; // KTSP
const VERSION = 1;
const LANES: readonly Lane[] = ['rest', 'kept'];

/** Layout, big endian: magic 4, version 1, lane 1, header length 2, spans 4, created 8, destination 8, payload length 4, CRC-32 4. */
export const HEADER_BYTES = 36;
const CRC_AT = HEADER_BYTES - 4;
export const DESTINATION_BYTES = 8;

/** Names a destination without showing it: an address may hold what a file name should not. */
export const destinationHash = (destination: string): Buffer =>
  createHash('sha256').update(destination).digest().subarray(0, DESTINATION_BYTES);

/** The header that goes before `payload`. The checksum covers both, so that no field can change unnoticed. */
export function encodeHeader(meta: RecordMeta, destination: Buffer, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt8(VERSION, 4);
  header.writeUInt8(LANES.indexOf(meta.lane), 5);
  header.writeUInt16BE(HEADER_BYTES, 6);
  header.writeUInt32BE(meta.spanCount, 8);
  header.writeDoubleBE(meta.createdAt, 12);
  destination.copy(header, 20);
  header.writeUInt32BE(payload.length, 28);
  header.writeUInt32BE(checksum(header, payload), CRC_AT);
  return header;
}

/** Takes the bytes of a file, trusting none of them. */
export function decodeRecord(file: Buffer, destination: Buffer): Decoded {
  if (file.length < HEADER_BYTES) return { ok: false, why: 'is shorter than a header' };
  if (file.readUInt32BE(0) !== MAGIC) return { ok: false, why: 'is not a spooled batch' };
  if (file.readUInt8(4) !== VERSION) return { ok: false, why: 'has another version' };
  const payload = file.subarray(HEADER_BYTES);
  if (file.readUInt32BE(28) !== payload.length) return { ok: false, why: 'is cut short or too long' };
  if (file.readUInt32BE(CRC_AT) !== checksum(file, payload)) return { ok: false, why: 'does not match its checksum' };
  const lane = LANES[file.readUInt8(5)];
  if (lane === undefined || file.readUInt16BE(6) !== HEADER_BYTES) return { ok: false, why: 'has an unknown header' };
  if (!file.subarray(20, 28).equals(destination)) return { ok: false, why: 'is meant for another destination' };
  return {
    ok: true,
    meta: { lane, spanCount: file.readUInt32BE(8), createdAt: file.readDoubleBE(12) },
    payload,
  };
}

const checksum = (header: Buffer, payload: Uint8Array): number => crc32(payload, crc32(header.subarray(0, CRC_AT)));

export const BATCH_SUFFIX = '.batch';
/** Being written; whatever is found with it was never finished. */
export const UNFINISHED_SUFFIX = '.tmp';
/** Set aside: damaged, or not ours. */
export const BAD_SUFFIX = '.bad';

const NAME = /^([kr])-([0-9a-z]{1,10})-([0-9a-z]{1,10})-([0-9a-z]{1,7})-([0-9a-z]{1,7})(\.batch|\.tmp)$/;

/** `k-<created>-<sequence>-<spans>-<size>.batch`, numbers in base 36. */
export function formatName({ lane, createdAt, sequence, spanCount, size }: FileName): string {
  const numbers = [Math.max(0, Math.trunc(createdAt)), sequence, spanCount, size];
  return `${lane === 'kept' ? 'k' : 'r'}-${numbers.map((number) => number.toString(36)).join('-')}${BATCH_SUFFIX}`;
}

/** @returns undefined for a name that this format does not make */
export function parseName(name: string): (FileName & { finished: boolean }) | undefined {
  const match = NAME.exec(name);
  if (!match) return undefined;
  const [createdAt, sequence, spanCount, size] = match.slice(2, 6).map((digits) => Number.parseInt(digits, 36));
  return {
    lane: match[1] === 'k' ? 'kept' : 'rest',
    createdAt: createdAt!,
    sequence: sequence!,
    spanCount: spanCount!,
    size: size!,
    finished: match[6] === BATCH_SUFFIX,
  };
}
