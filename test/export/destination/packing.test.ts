// What a waiting body costs in memory: the queue counts its length, so its length is all that it may hold on to.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pack } from '../../../src/export/destination/packing.ts';
import { splitBody } from '../../../src/export/destination/split-body.ts';

const encoded = (text: string): Uint8Array => Buffer.from(text);

test('a small body that waits holds its own bytes and not the 16 KB that zlib works in', () => {
  const plain = encoded('{"resourceSpans":[]}');
  const { body, size } = pack({ body: { kind: 'bytes', bytes: plain }, size: plain.length, spanCount: 1 }, 'none');

  expect(body.kind).toBe('bytes');
  const bytes = (body as { bytes: Uint8Array }).bytes;
  expect(gunzipSync(bytes).toString()).toBe('{"resourceSpans":[]}');
  expect(bytes.buffer.byteLength).toBe(size);
});

test('so do the halves of a packed body', () => {
  const request = { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b' }] }] }] };
  const plain = encoded(JSON.stringify(request));
  const { body } = pack({ body: { kind: 'bytes', bytes: plain }, size: plain.length, spanCount: 2 }, 'none');

  const halves = splitBody((body as { bytes: Uint8Array }).bytes, 'json');

  expect(halves?.map(({ bytes }) => bytes.buffer.byteLength)).toEqual(halves?.map(({ bytes }) => bytes.byteLength));
});
