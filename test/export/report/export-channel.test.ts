import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, expect, test, vi } from 'vitest';
import type { PipelineEvents } from '../../../src/export/events.ts';
import { EXPORT_CHANNEL, withChannel } from '../../../src/export/report/export-channel.ts';

const seen: unknown[] = [];
const collect = (message: unknown) => void seen.push(message);
afterEach(() => {
  unsubscribe(EXPORT_CHANNEL, collect);
  seen.length = 0;
});

const failure = { code: 'ECONNREFUSED', what: 'refused', fix: 'Start it.' };
const events = {
  accepted: { spans: 12, bytes: 900, ms: 4 },
  retrying: { failure, waiting: 512, retryInMs: 1_000 },
  rejected: { failure, spans: 7, whole: false },
  dropped: { reason: 'queue_full' as const, spans: 3, failure, late: true as const },
  recovered: { spans: 40 },
};

function tell(on: PipelineEvents) {
  on.accepted?.(events.accepted);
  on.retrying?.(events.retrying);
  on.rejected?.(events.rejected);
  on.dropped?.(events.dropped);
  on.recovered?.(events.recovered);
}

test('a subscriber sees every event, by its type', () => {
  subscribe(EXPORT_CHANNEL, collect);
  tell(withChannel({}));
  expect(seen).toEqual([
    { type: 'accepted', spans: 12, bytes: 900, ms: 4 },
    { type: 'retrying', failure, waiting: 512, retryInMs: 1_000 },
    { type: 'rejected', failure, spans: 7, whole: false },
    { type: 'dropped', reason: 'queue_full', spans: 3, failure },
    { type: 'recovered', spans: 40 },
  ]);
});

test('without a subscriber nothing is published', () => {
  const publish = vi.spyOn(channel(EXPORT_CHANNEL), 'publish');
  tell(withChannel({}));
  expect(publish).not.toHaveBeenCalled();
  publish.mockRestore();
});

test('the listener hears everything all the same', () => {
  const heard: unknown[] = [];
  const hear = (event: unknown) => void heard.push(event);
  const ended = vi.fn();
  const problem = vi.fn();
  const on = withChannel({
    accepted: hear,
    retrying: hear,
    rejected: hear,
    dropped: hear,
    recovered: hear,
    ended,
    problem,
  });
  tell(on);
  on.ended?.();
  on.problem?.('disk');
  expect(heard).toEqual(Object.values(events));
  expect([ended.mock.calls.length, problem.mock.calls]).toEqual([1, [['disk']]]);
});

test('a subscriber that throws does not keep the listener from hearing it', () => {
  const throwing = () => {
    throw new Error('subscriber');
  };
  // Node hands that to the process as an uncaught exception, as with every diagnostics channel.
  const caught = vi.fn();
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').once('uncaughtException', caught);
  subscribe(EXPORT_CHANNEL, throwing);
  const accepted = vi.fn();
  withChannel({ accepted }).accepted?.(events.accepted);
  unsubscribe(EXPORT_CHANNEL, throwing);
  expect(accepted).toHaveBeenCalledOnce();
  return new Promise<void>((resolve) =>
    setImmediate(() => {
      expect(caught).toHaveBeenCalledOnce();
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener);
      resolve();
    }),
  );
});
