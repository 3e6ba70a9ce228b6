import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { createLossReport, hearLosses, LOSS_SPAN } from '../../../src/export/report/loss-report.ts';
import { decodeTraces } from '../../../src/receiver/otlp-decode.ts';
import { resource } from '../../receiver/spans.ts';

function rig() {
  const clock = { ms: 0 };
  const report = createLossReport({ now: () => clock.ms, wall: () => 1_800_000_000_000 + clock.ms });
  const take = (last = false) => report.take(resource, last);
  const lostIn = (span = take()) => span?.attributes['keeptrace.lost'];
  return { clock, report, take, lostIn };
}

test('nothing lost, nothing reported', () => {
  const { report, take } = rig();
  expect(take()).toBeUndefined();
  report.lost('expired', 0);
  report.delivered();
  report.undelivered();
  expect(take()).toBeUndefined();
});

test('a loss is one span of its own trace, with a count for each reason and the time of the loss', () => {
  const { clock, report, take } = rig();
  report.lost('queue_full', 512);
  clock.ms = 30_000;
  report.lost('rejected', 7);
  report.lost('queue_full', 88);
  const [seen] = decodeTraces(Buffer.from(ProtobufTraceSerializer.serializeRequest([take()!])!), 'protobuf');
  expect(seen).toMatchObject({
    name: LOSS_SPAN,
    kind: 'internal',
    parentSpanId: undefined,
    startTimeUnixNano: 1_800_000_000_000_000_000n,
    endTimeUnixNano: 1_800_000_030_000_000_000n,
    scope: { name: 'keeptrace' },
    resource: { 'service.name': 'shop-api' },
    attributes: { 'keeptrace.lost': 607, 'keeptrace.lost.queue_full': 600, 'keeptrace.lost.rejected': 7 },
  });
  expect(seen!.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(seen!.flags & 1).toBe(1);
});

test('at most one a minute, which tells all of that minute', () => {
  const { clock, report, lostIn } = rig();
  let reported = 0;
  let spans = 0;
  for (; clock.ms < 600_000; clock.ms += 1_000) {
    report.lost('expired', 3);
    const count = lostIn();
    if (count === undefined) continue;
    spans++;
    reported += Number(count);
    report.delivered();
  }
  expect(spans).toBe(10);
  clock.ms += 60_000;
  expect(reported + Number(lostIn())).toBe(1_800);
});

test('the last batch of a process tells what the minute keeps back', () => {
  const { report, take, lostIn } = rig();
  report.lost('expired', 1);
  take();
  report.delivered();
  report.lost('expired', 2);
  expect(take()).toBeUndefined();
  expect(lostIn(take(true))).toBe(2);
});

describe('a report whose batch', () => {
  test('was accepted is not repeated', () => {
    const { clock, report, take } = rig();
    report.lost('expired', 1);
    take();
    report.delivered();
    clock.ms = 120_000;
    expect(take()).toBeUndefined();
  });

  test('is under way has no second beside it', () => {
    const { clock, report, take } = rig();
    report.lost('expired', 1);
    take();
    report.lost('expired', 1);
    clock.ms = 120_000;
    expect([take(), take(true)]).toEqual([undefined, undefined]);
  });

  test('was lost goes into the next after some seconds, with what was lost since', () => {
    const { clock, report, take } = rig();
    report.lost('expired', 5);
    take();
    clock.ms = 1_000;
    report.lost('expired', 1);
    report.lost('rejected', 2);
    report.undelivered();
    report.undelivered();
    expect(take()).toBeUndefined();
    clock.ms = 6_000;
    const again = take()!;
    expect(again.attributes).toMatchObject({ 'keeptrace.lost.expired': 6, 'keeptrace.lost.rejected': 2 });
    expect([again.startTime[0], again.endTime[0]]).toEqual([1_800_000_000, 1_800_000_001]);
  });
});

test('a clock that is set back makes no negative duration', () => {
  let wall = 2_000;
  const report = createLossReport({ now: () => 0, wall: () => wall });
  report.lost('expired', 1);
  wall = 1_000;
  report.lost('expired', 1);
  expect(report.take(resource)!.duration).toEqual([0, 0]);
});

test('reasons that are made up do not fill the memory', () => {
  const { report, take } = rig();
  for (let n = 0; n < 10_000; n++) report.lost(`r${n}`, 1);
  const { attributes } = take()!;
  expect(Object.keys(attributes).length).toBeLessThan(40);
  expect(attributes['keeptrace.lost']).toBe(10_000);
});

test('it hears what is dropped and rejected, and so does who listens besides', () => {
  const { report, take } = rig();
  const heard: unknown[] = [];
  const hear = (event: unknown) => void heard.push(event);
  const on = hearLosses({ dropped: hear, rejected: hear, accepted: hear }, report);
  const failure = { code: 'c', what: 'w', fix: 'f' };
  on.dropped?.({ reason: 'queue_full', spans: 3 });
  on.rejected?.({ failure, spans: 4, whole: true });
  on.accepted?.({ spans: 1, bytes: 1, ms: 1 });
  expect(take()!.attributes).toMatchObject({ 'keeptrace.lost': 7, 'keeptrace.lost.rejected': 4 });
  expect(heard).toHaveLength(3);
});
