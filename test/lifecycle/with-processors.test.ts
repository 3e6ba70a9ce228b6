import { expect, test, vi } from 'vitest';
import { withProcessors } from '../../src/lifecycle/with-processors.ts';

const pipeline = {
  flush: async (_timeoutMs: number) => 'flushed',
  shutdown: async (_timeoutMs: number) => 'ended',
  stats: () => ({ queued: 7 }),
};
const never = () => new Promise<void>(() => {});

test("the user's processors are flushed and ended with ours", async () => {
  const own = { forceFlush: vi.fn(async () => {}), shutdown: vi.fn(async () => {}) };
  const both = withProcessors(pipeline, [own]);
  expect(await both.flush(50)).toBe('flushed');
  expect(own.forceFlush).toHaveBeenCalledOnce();
  expect(own.shutdown).not.toHaveBeenCalled();
  expect(await both.shutdown(50)).toBe('ended');
  expect(own.shutdown).toHaveBeenCalledOnce();
  expect(both.stats()).toEqual({ queued: 8 });
});

test.each([
  ['hangs', never],
  ['rejects', () => Promise.reject(new Error('no'))],
  [
    'throws at once',
    () => {
      throw new Error('no');
    },
  ],
])('one that %s changes neither result nor deadline', async (_, end) => {
  const both = withProcessors(pipeline, [{ forceFlush: end, shutdown: end }]);
  const started = performance.now();
  expect(await both.flush(50)).toBe('flushed');
  expect(await both.shutdown(50)).toBe('ended');
  expect(performance.now() - started).toBeLessThan(1_000);
});
