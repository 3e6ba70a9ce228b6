import { expect, test } from 'vitest';
import {
  decodeRecord,
  destinationHash,
  encodeHeader,
  formatName,
  HEADER_BYTES,
  parseName,
  type RecordMeta,
} from '../../../src/export/spool/spool-file.ts';

/** mulberry32: the same numbers in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const here = destinationHash('https://here.example/v1/traces');
const record = (meta: RecordMeta, payload: Uint8Array, destination = here): Buffer =>
  Buffer.concat([encodeHeader(meta, destination, payload), payload]);

const next = random(4);
const below = (limit: number): number => Math.floor(next() * limit);
const anyMeta = (): RecordMeta => ({
  lane: next() < 0.5 ? 'kept' : 'rest',
  spanCount: below(2 ** 32),
  createdAt: below(2 ** 43),
});
const anyPayload = (): Buffer => Buffer.from(Array.from({ length: below(300) }, () => below(256)));

test('1,000 random batches come back as they went', () => {
  for (let i = 0; i < 1000; i++) {
    const meta = anyMeta();
    const payload = anyPayload();
    const decoded = decodeRecord(record(meta, payload), here);
    if (!decoded.ok) throw new Error(decoded.why);
    expect(decoded.meta).toEqual(meta);
    expect(payload.equals(decoded.payload)).toBe(true);
  }
});

test('no single bit can change unnoticed, in any field', () => {
  const file = record(
    { lane: 'kept', spanCount: 256, createdAt: Date.UTC(2026, 10, 21) },
    Buffer.from('spans and spans'),
  );
  for (let bit = 0; bit < file.length * 8; bit++) {
    const copy = Buffer.from(file);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeRecord(copy, here).ok, `bit ${bit}`).toBe(false);
  }
});

test('cut at every length, or with something after it, it is refused', () => {
  const file = record({ lane: 'rest', spanCount: 1, createdAt: 1 }, Buffer.from('a payload of some bytes'));
  for (let length = 0; length < file.length; length++) {
    expect(decodeRecord(file.subarray(0, length), here).ok, `${length} bytes`).toBe(false);
  }
  expect(decodeRecord(Buffer.concat([file, Buffer.of(0)]), here).ok).toBe(false);
});

test('random bytes are never taken for a batch and never throw', () => {
  for (let i = 0; i < 2000; i++) {
    const bytes = anyPayload();
    if (i % 2) bytes.write('KTSP\x01', 0, 'latin1');
    expect(decodeRecord(bytes, here).ok).toBe(false);
  }
  expect(decodeRecord(Buffer.alloc(4096), here).ok).toBe(false);
});

test('a batch for another destination is refused', () => {
  const file = record({ lane: 'rest', spanCount: 1, createdAt: 1 }, Buffer.from('x'), destinationHash('https://there'));
  expect(decodeRecord(file, here)).toEqual({ ok: false, why: 'is meant for another destination' });
});

test('a header costs 36 bytes and says where nothing goes', () => {
  const file = record({ lane: 'rest', spanCount: 1, createdAt: 1 }, Buffer.alloc(0));
  expect(file).toHaveLength(HEADER_BYTES);
  expect(file.toString('latin1')).not.toContain('here.example');
});

test('a name says all that a scan must know', () => {
  for (let i = 0; i < 1000; i++) {
    const { lane, spanCount, createdAt } = anyMeta();
    const name = { lane, spanCount, createdAt, sequence: below(2 ** 40), size: below(2 ** 31) };
    expect(parseName(formatName(name))).toEqual({ ...name, finished: true });
    expect(parseName(formatName(name).replace('.batch', '.tmp'))).toMatchObject({ finished: false });
  }
});

test.each([
  '',
  'lease',
  'x.batch',
  'k-1-2-3-4.batch.bad',
  'k-1-2-3.batch',
  'k-1-2-3-4-5.batch',
  'K-1-2-3-4.batch',
  '../k-1-2-3-4.batch',
  'k-1-2-3-4.batch\n',
])('the name %j is none of a batch', (name) => {
  expect(parseName(name)).toBeUndefined();
});
