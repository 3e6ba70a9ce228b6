// Pipeline and disk together: where a span is, at any time, and that it is in one place only.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOtlpDestination } from '../../../src/export/destination/otlp-destination.ts';
import { spoolFor } from '../../../src/export/spool/open-spool.ts';
import type { OpenSpool } from '../../../src/export/spool/spool-contract.ts';
import { BATCH_SUFFIX, parseName } from '../../../src/export/spool/spool-file.ts';
import { laneOf } from '../../../src/sampling/exported-span.ts';
import { type FaultCollector, startFaultCollector } from '../../faults/fault-collector.ts';
import { closeRigs, createRig, type Rig, type RigOptions } from '../rig.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keeptrace-spooling-'));
});
afterEach(async () => {
  await closeRigs();
  rmSync(dir, { recursive: true, force: true });
});

const files = () => readdirSync(dir, { recursive: true }).filter((name) => String(name).endsWith(BATCH_SUFFIX));

const protocols = ['http/protobuf', 'http/json'] as const;
type Protocol = (typeof protocols)[number];

function opened(collector: FaultCollector, protocol: Protocol, maxMb = 64): OpenSpool {
  const settings = { spool: { dir, maxMb, sync: 'never' as const }, endpoint: collector.url, protocol };
  const destination = createOtlpDestination({ url: collector.url, protocol, exportTimeoutMs: 1_000 });
  return spoolFor(settings, destination)!;
}

function rigWith(collector: FaultCollector, protocol: Protocol, options: RigOptions & { writeAhead?: boolean } = {}) {
  const { writeAhead = false, limits, pipeline } = options;
  return createRig({
    ...options,
    collector,
    limits: { replayMs: 50, ...limits },
    otlp: { protocol },
    pipeline: { laneOf, openSpool: opened(collector, protocol), writeAhead, ...pipeline },
  });
}

/** Spans whose bodies do not shrink to nothing. */
async function traffic({ tracer }: Rig, count: number, prefix = 'span'): Promise<void> {
  for (let i = 0; i < count; i++) {
    const attributes = { id: Math.random().toString(36).repeat(4), ...(i % 20 ? {} : { 'keeptrace.reason': 'error' }) };
    tracer.startSpan(`${prefix} ${i}`, { attributes }).end();
    if (i % 500 === 0) await new Promise(setImmediate);
  }
}

const once = (collector: FaultCollector) => [...collector.acked.values()].every((times) => times === 1);

describe.each(protocols)('%s', (protocol) => {
  test('what memory cannot hold in an outage waits on disk, and all of it arrives once', async () => {
    const collector = await startFaultCollector();
    const rig = await rigWith(collector, protocol, { limits: { queueBytes: 100_000 } });
    await collector.down();
    await traffic(rig, 10_000);
    const during = rig.balance();
    expect(during.spooled).toBeGreaterThan(5_000);
    expect(during.dropped).toEqual({});
    expect(files().length).toBeGreaterThan(10);
    await collector.up();
    await collector.until(() => rig.pipeline.stats().accepted === 10_000, 20_000);
    expect(rig.balance()).toMatchObject({ accepted: 10_000, spooled: 0, queued: 0, dropped: {} });
    expect(collector.acked.size).toBe(10_000);
    expect(once(collector)).toBe(true);
    expect(files()).toEqual([]);
  });

  test('what is left at a shutdown is for the next process, errors first', async () => {
    const collector = await startFaultCollector();
    const first = await rigWith(collector, protocol);
    await collector.down();
    await traffic(first, 2_000);
    const result = await first.pipeline.shutdown(100);
    expect(result).toEqual({ flushed: 0, spooled: 2_000, dropped: 0 });
    expect(first.balance()).toMatchObject({ spooled: 2_000, queued: 0, dropped: {} });

    await collector.up();
    const second = await rigWith(collector, protocol);
    await collector.until(() => second.pipeline.stats().recovered.accepted === 2_000, 20_000);
    expect(second.pipeline.stats()).toMatchObject({
      ended: 0,
      recovered: { accepted: 2_000, rejected: 0, dropped: 0 },
    });
    expect(once(collector)).toBe(true);
    const errors = collector.requests.flatMap(({ spans }) =>
      spans.map(({ attributes }) => attributes['keeptrace.reason'] === 'error'),
    );
    expect(errors.lastIndexOf(true)).toBe(errors.indexOf(false) - 1);
    expect(files()).toEqual([]);
  });

  test('with write-ahead every batch is on disk before it is sent, and gone when it was taken', async () => {
    const collector = await startFaultCollector({ kind: 'hang' });
    const rig = await rigWith(collector, protocol, { writeAhead: true });
    await traffic(rig, 600);
    await collector.until(() => collector.requests.length > 0 && files().length > 2);
    // Both in memory and on disk: counted once.
    expect(rig.balance()).toMatchObject({ queued: 600, spooled: 0 });
    collector.fault = { kind: 'ok' };
    await collector.until(() => rig.pipeline.stats().accepted === 600, 20_000);
    expect(once(collector)).toBe(true);
    expect(files()).toEqual([]);
  });
});

test('halves of a refused batch take its place on disk', async () => {
  const collector = await startFaultCollector();
  const rig = await rigWith(collector, 'http/protobuf', { writeAhead: true });
  // The whole is refused, and the first half is left without an answer.
  collector.fault = { kind: 'status', status: 400 };
  rig.spans(64);
  await collector.until(() => {
    if (collector.requests.length === 1) collector.fault = { kind: 'hang' };
    return collector.requests.length > 1;
  });
  expect(files().map((name) => parseName(basename(String(name)))?.spanCount)).toEqual([32, 32]);
});

test('what is refused for good leaves nothing on disk', async () => {
  const collector = await startFaultCollector({ kind: 'status', status: 400 });
  const rig = await rigWith(collector, 'http/protobuf', { writeAhead: true });
  rig.spans(64);
  await rig.pipeline.flush(5_000);
  expect(rig.balance()).toMatchObject({ rejected: 64, spooled: 0 });
  expect(files()).toEqual([]);
});

test('a damaged file costs its own batch and is counted', async () => {
  const collector = await startFaultCollector();
  const rig = await rigWith(collector, 'http/protobuf', { limits: { queueBytes: 100_000 } });
  await collector.down();
  await traffic(rig, 5_000);
  const damaged = files().find((name) => String(name).length > 0)!;
  writeFileSync(join(dir, String(damaged)), 'nonsense');
  await collector.up();
  await collector.until(() => rig.pipeline.stats().queued + rig.pipeline.stats().spooled === 0, 20_000);
  const { accepted, dropped } = rig.balance();
  expect(dropped.corrupt).toBeGreaterThan(0);
  expect(accepted + dropped.corrupt!).toBe(5_000);
});

test('a folder that cannot be used leaves memory, and one problem told', async () => {
  writeFileSync(join(dir, 'file'), '');
  dir = join(dir, 'file');
  const collector = await startFaultCollector();
  const problems: string[] = [];
  const rig = await rigWith(collector, 'http/protobuf', {
    pipeline: { on: { problem: (text) => problems.push(text) } },
  });
  dir = join(dir, '..');
  await traffic(rig, 500);
  await rig.pipeline.flush(2_000);
  expect(rig.balance()).toMatchObject({ accepted: 500 });
  expect(problems).toHaveLength(1);
});

test('what waited on disk alone is lost with its folder, and no longer counted as spooled', async () => {
  const collector = await startFaultCollector();
  const rig = await rigWith(collector, 'http/protobuf', { limits: { queueBytes: 50_000 } });
  await collector.down();
  await traffic(rig, 5_000);
  const { spooled } = rig.balance();
  expect(spooled).toBeGreaterThan(1_000);
  rmSync(dir, { recursive: true });
  rig.pipeline.abandon('process_exit');
  const { dropped, ...after } = rig.balance();
  expect(dropped).toEqual({ spool_deleted: spooled });
  expect(after).toMatchObject({ spooled: 5_000 - spooled, queued: 0 });
});

test('what was written ahead into a folder that is deleted since is written again before memory gives it up', async () => {
  const collector = await startFaultCollector();
  const rig = await rigWith(collector, 'http/protobuf', { writeAhead: true });
  await collector.down();
  await traffic(rig, 600);
  await rig.pipeline.flush(100);
  rmSync(dir, { recursive: true });
  // The next write finds out.
  rig.spans(1);
  await rig.pipeline.flush(100);
  rig.pipeline.abandon('process_exit');
  expect(rig.balance()).toMatchObject({ spooled: 601, queued: 0 });
  const spans = files().map((name) => parseName(basename(String(name)))?.spanCount ?? 0);
  expect(spans.reduce((sum, count) => sum + count, 0)).toBe(601);
});
