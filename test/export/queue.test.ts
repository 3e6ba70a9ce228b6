import { expect, test } from 'vitest';
import type { Lane } from '../../src/export/destination/destination-contract.ts';
import { type Batch, BatchQueue } from '../../src/export/queue.ts';

const batch = (seq: number, size: number, lane: Lane = 'rest'): Batch => ({
  seq,
  size,
  lane,
  spanCount: size / 10,
  sealedAt: seq * 1_000,
  body: { kind: 'spans', spans: [] },
});
const seqs = (batches: Batch[]) => batches.map(({ seq }) => seq);

test('filled to its limit it drops the oldest and counts no more bytes than the limit', () => {
  const queue = new BatchQueue(1_000);
  const evicted: Batch[] = [];
  for (let seq = 0; seq < 500; seq++) {
    evicted.push(...queue.push(batch(seq, 100)));
    expect(queue.bytes).toBeLessThanOrEqual(1_000);
  }
  expect(seqs(evicted)).toEqual([...Array(490).keys()]);
  expect(queue.first!.seq).toBe(490);
  expect(queue.spans).toBe(100);
});

test('what is being sent counts as memory, is never evicted, and the newest batch always gets in', () => {
  const queue = new BatchQueue(300);
  queue.push(batch(0, 150));
  queue.push(batch(1, 150));
  const sending = [queue.take()!, queue.take()!];
  expect(queue.push(batch(2, 100))).toEqual([]);
  expect(seqs(queue.push(batch(3, 100)))).toEqual([2]);
  expect(queue.bytes).toBe(400);
  for (const one of sending) queue.release(one);
  expect(queue.bytes).toBe(100);
});

test('a batch whose attempt failed goes back to its place in the order', () => {
  const queue = new BatchQueue(1_000);
  for (let seq = 0; seq < 4; seq++) queue.push(batch(seq, 100));
  const first = queue.take()!;
  const second = queue.take()!;
  queue.putBack(second);
  queue.putBack(first);
  expect([queue.take(), queue.take(), queue.take(), queue.take()].map((one) => one?.seq)).toEqual([0, 1, 2, 3]);
  expect(queue.take()).toBeUndefined();
});

test('age removes the oldest only', () => {
  const queue = new BatchQueue(1_000);
  for (let seq = 0; seq < 4; seq++) queue.push(batch(seq, 100));
  expect(seqs(queue.expire(2_000))).toEqual([0, 1]);
  expect([queue.bytes, queue.spans]).toEqual([200, 20]);
  expect(seqs(queue.clear())).toEqual([2, 3]);
  expect([queue.bytes, queue.spans]).toEqual([0, 0]);
});

test('what was kept for a reason goes first, and goes last', () => {
  const queue = new BatchQueue(600);
  for (let seq = 0; seq < 6; seq++) queue.push(batch(seq, 100, seq % 3 === 0 ? 'kept' : 'rest'));
  expect(seqs(queue.push(batch(6, 100, 'kept')))).toEqual([1]);
  expect(seqs(queue.push(batch(7, 300, 'rest')))).toEqual([2, 4, 5]);
  expect(seqs(queue.push(batch(8, 100, 'kept')))).toEqual([7]);
  expect(seqs(queue.push(batch(9, 290, 'kept')))).toEqual([0]);
  queue.push(batch(10, 10, 'rest'));
  expect(seqs([queue.take()!, queue.take()!])).toEqual([3, 6]);
  expect(queue.oldestSeq).toBe(8);
  expect(seqs(queue.clear())).toEqual([8, 9, 10]);
});

test('an ordinary batch does not get in when the errors before it fill the queue', () => {
  const queue = new BatchQueue(300);
  for (let seq = 0; seq < 3; seq++) queue.push(batch(seq, 100, 'kept'));
  expect(seqs(queue.push(batch(3, 100, 'rest')))).toEqual([3]);
});

test('what an earlier process left comes after all of this one, and is not counted as its spans', () => {
  const queue = new BatchQueue(1_000);
  queue.push({ ...batch(Number.POSITIVE_INFINITY, 100), recovered: true });
  queue.push(batch(0, 100));
  expect(queue.spans).toBe(10);
  expect(queue.oldestSeq).toBe(0);
  expect(queue.take()?.recovered).toBeUndefined();
  expect(queue.take()?.recovered).toBe(true);
});
