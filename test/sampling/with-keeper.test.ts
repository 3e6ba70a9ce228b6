import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { withKeeper } from '../../src/sampling/with-keeper.ts';
import { fail, type RigOptions, rig } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function draining(options: RigOptions = {}) {
  const r = rig(options);
  let kicks = 0;
  const pipeline = withKeeper(
    {
      flush: async (_: number) => {},
      shutdown: async (_: number) => {},
      kick: () => {
        kicks++;
      },
      lastChance: (_: number) => {},
      abandon: (_: string) => 0,
      stats: () => ({ ended: 0, queued: 0 }),
    },
    r.keeper,
  );
  return {
    ...r,
    pipeline,
    kicks: () => kicks,
    /** As the lifecycle does it after a signal. */
    drain(ms: number) {
      for (let past = 0; past < ms; past += 100) {
        r.pass(100);
        pipeline.kick();
      }
    },
  };
}

test('while the app drains, a child that fails after its request has ended keeps the whole trace', () => {
  const r = draining();
  const root = r.start('GET /');
  const running = r.child(root, 'running');
  root.end();
  r.drain(800);
  fail(running);
  expect(r.names()).toEqual(['GET /', 'running']);
  expect(r.emitted.map((span) => span.attributes['keeptrace.reason'])).toEqual(['error', 'error']);
  expect(r.kicks()).toBe(8);
});

test('while the app drains, what only waits for a late word is sent at once', () => {
  const r = draining({ ratio: 1, retentionMs: 60_000 });
  r.start('GET /').end();
  r.drain(100);
  expect(r.names()).toEqual(['GET /']);
});

test('while the app drains, a child that goes on holds its trace for a second, whatever the retention', () => {
  const r = draining({ ratio: 1, retentionMs: 60_000 });
  const root = r.start('GET /');
  r.child(root);
  root.end();
  r.drain(900);
  expect(r.names()).toEqual([]);
  r.drain(200);
  expect(r.names()).toEqual(['GET /']);
});

test.each<[string, (pipeline: ReturnType<typeof draining>['pipeline']) => unknown]>([
  ['flush', (pipeline) => pipeline.flush(100)],
  ['flushFinished', (pipeline) => pipeline.flushFinished(100)],
  ['shutdown', (pipeline) => pipeline.shutdown(100)],
  ['lastChance', (pipeline) => pipeline.lastChance(100)],
  ['abandon', (pipeline) => pipeline.abandon('crash')],
])('%s waits for no child, so that the end of a drain loses nothing', (_, end) => {
  const r = draining({ ratio: 1 });
  const root = r.start('GET /');
  r.child(root);
  root.end();
  r.drain(200);
  void end(r.pipeline);
  expect([r.names(), r.pipeline.stats().queued]).toEqual([['GET /'], 0]);
});
