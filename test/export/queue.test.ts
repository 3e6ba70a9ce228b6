import { expect, test } from 'vitest';
import { type Batch, BatchQueue } from '../../src/export/queue.ts';

const batch = (seq: number, size: number): Batch => ({
  seq,
  size,
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
