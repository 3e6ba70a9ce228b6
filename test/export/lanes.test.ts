// What an outage costs: ordinary traffic before errors, and memory only what packed bodies need.
import type { Attributes } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { laneOf } from '../../src/sampling/exported-span.ts';
import { closeRigs, createRig, type Rig } from './rig.ts';

afterEach(closeRigs);

const error: Attributes = { 'keeptrace.reason': 'error' };

/** Ends `count` spans, one in twenty of a trace with an error, a batch's worth per tick. Returns the names of those. */
async function traffic({ tracer }: Rig, count: number): Promise<string[]> {
  const errors: string[] = [];
  for (let i = 0; i < count; i++) {
    const failed = i % 20 === 0;
    // Not to be packed to nothing: real spans differ in ids, times and values.
    const attributes = { id: Math.random().toString(36).repeat(4), ...(failed ? error : {}) };
    const name = `${failed ? 'failed' : 'fine'} ${i}`;
    tracer.startSpan(name, { attributes }).end();
    if (failed) errors.push(name);
    if (i % 500 === 0) await new Promise(setImmediate);
  }
  return errors;
}

test.each(['http/protobuf', 'http/json'] as const)(
  'an outage that fills the queue costs ordinary spans and not one error (%s)',
  async (protocol) => {
    const rig = await createRig({ limits: { queueBytes: 200_000 }, pipeline: { laneOf }, otlp: { protocol } });
    await rig.collector.down();
    const errors = await traffic(rig, 20_000);
    await rig.collector.up();
    await rig.pipeline.flush(10_000);
    const { accepted, dropped } = rig.balance();
    expect(errors.filter((name) => !rig.collector.acked.has(name))).toEqual([]);
    expect(dropped.queue_full).toBeGreaterThan(0.8 * 0.95 * 20_000);
    expect(accepted).toBeGreaterThan(errors.length);
  },
);

test('errors alone fill the queue: then the oldest of them go, and are counted', async () => {
  const rig = await createRig({ limits: { queueBytes: 100_000 }, pipeline: { laneOf: () => 'kept' } });
  await rig.collector.down();
  await traffic(rig, 5_000);
  await rig.collector.up();
  await rig.pipeline.flush(10_000);
  const { accepted, dropped } = rig.balance();
  expect(dropped.queue_full).toBeGreaterThan(1_000);
  expect(accepted + dropped.queue_full!).toBe(5_000);
  expect(rig.collector.acked.has('fine 4999')).toBe(true);
  expect(rig.collector.acked.has('failed 0')).toBe(false);
});

test('what waits out an outage is packed, and arrives unpacked when the collector was promised no compression', async () => {
  const rig = await createRig({ limits: { queueBytes: 1_000_000 } });
  await rig.collector.down();
  const value = 'the same text in every span, '.repeat(30);
  for (let i = 0; i < 10_000; i++) {
    rig.tracer.startSpan(`long ${i}`, { attributes: { value } }).end();
    if (i % 1_000 === 0) await new Promise(setImmediate);
  }
  await rig.collector.up();
  await rig.pipeline.flush(10_000);
  // 10,000 bodies of 900 bytes and more would be nine times what the queue takes.
  expect(rig.balance()).toMatchObject({ accepted: 10_000, dropped: {} });
  expect(rig.collector.requests.every(({ headers }) => headers['content-encoding'] === undefined)).toBe(true);
});
