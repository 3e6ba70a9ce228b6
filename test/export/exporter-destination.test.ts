import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, expect, test } from 'vitest';
import { createExporterDestination } from '../../src/export/exporter-destination.ts';
import { closeRigs, createRig } from './rig.ts';

afterEach(closeRigs);

type Answer = (result: ExportResult) => void;

/** An exporter whose n-th call is answered by the n-th function, the last one from then on. */
function scripted(...answers: ((spans: ReadableSpan[], answer: Answer) => void)[]) {
  const state = { calls: 0, concurrent: 0, most: 0, shutdowns: 0 };
  const exporter: SpanExporter = {
    export(spans, answer) {
      state.concurrent++;
      state.most = Math.max(state.most, state.concurrent);
      answers[Math.min(state.calls++, answers.length - 1)]!(spans, (result) => {
        state.concurrent--;
        answer(result);
      });
    },
    shutdown: async () => void state.shutdowns++,
  };
  return { exporter, state };
}
const rigFor = (exporter: SpanExporter, exportTimeoutMs = 1_000) =>
  createRig({ destination: createExporterDestination(exporter, { label: 'grpc', exportTimeoutMs }) });

const fail = (error: Error & { code?: unknown }) => (_: ReadableSpan[], answer: Answer) =>
  answer({ code: ExportResultCode.FAILED, error });
const ok = (_: ReadableSpan[], answer: Answer) => void setTimeout(answer, 5, { code: ExportResultCode.SUCCESS });
const balanced = ({
  ended,
  accepted,
  rejected,
  dropped,
  queued,
}: ReturnType<Awaited<ReturnType<typeof createRig>>['pipeline']['stats']>) =>
  accepted + rejected + Object.values(dropped).reduce((a, b) => a + b, 0) + queued === ended;

test('an official exporter takes the place of our sender', async () => {
  const exporter = new InMemorySpanExporter();
  const { pipeline, spans } = await rigFor(exporter);
  spans(700);
  expect(await pipeline.flush(2_000)).toMatchObject({ flushed: 700 });
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(
    Array.from({ length: 700 }, (_, n) => `span ${n}`),
  );
});

test('it is never called while it is working', async () => {
  const { exporter, state } = scripted(ok);
  const { pipeline, spans } = await rigFor(exporter);
  spans(3_000);
  await pipeline.flush(2_000);
  expect(state).toMatchObject({ most: 1, concurrent: 0 });
  expect(state.calls).toBeGreaterThan(3);
});

test.each([
  ['gRPC UNAVAILABLE', Object.assign(new Error('14 UNAVAILABLE'), { code: 14 })],
  ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
])('waits out %s', async (_name, error) => {
  const { exporter, state } = scripted(fail(error), fail(error), ok);
  const { pipeline, spans } = await rigFor(exporter);
  spans(10);
  expect(await pipeline.flush(2_000)).toMatchObject({ flushed: 10, dropped: 0 });
  expect(state.calls).toBe(3);
});

test.each([
  ['gRPC UNAUTHENTICATED', fail(Object.assign(new Error('bad key'), { code: 16 })), 'grpc_16'],
  ['an error without code', fail(new Error('nope')), 'exporter_failed'],
  [
    'an exception',
    () => {
      throw new Error('thrown');
    },
    'exporter_failed',
  ],
] as const)('%s is final and counted', async (_name, answer, code) => {
  const { exporter } = scripted(answer);
  const { pipeline, spans, events } = await rigFor(exporter);
  spans(10);
  await pipeline.flush(2_000);
  expect(pipeline.stats()).toMatchObject({ rejected: 10, queued: 0 });
  expect(events.rejected).toMatchObject([{ spans: 10, failure: { code } }]);
});

test('an exporter that throws at one span loses that one', async () => {
  const { exporter, state } = scripted((spans, answer) => {
    if (spans.some(({ name }) => name === 'span 300')) throw new TypeError('Cannot mix BigInt');
    answer({ code: ExportResultCode.SUCCESS });
  });
  const { pipeline, spans, events } = await rigFor(exporter);
  spans(512);
  await pipeline.flush(2_000);
  expect(pipeline.stats()).toMatchObject({ accepted: 511, rejected: 1, queued: 0 });
  expect(events.rejected).toMatchObject([{ spans: 1, whole: false }]);
  expect(state.calls).toBe(2 * Math.log2(512) + 1);
});

test('an exporter that never answers loses its batch after the deadline, not the pipeline', async () => {
  const { exporter } = scripted(() => {}, ok);
  const { pipeline, spans, events } = await rigFor(exporter, -900);
  spans(512);
  await new Promise((resolve) => setTimeout(resolve, 10));
  spans(10);
  await pipeline.flush(3_000);
  expect(pipeline.stats()).toMatchObject({ rejected: 512, accepted: 10 });
  expect(events.rejected[0]!.failure.code).toBe('exporter_timeout');
});

test('answering twice counts once', async () => {
  const { exporter } = scripted((_, answer) => {
    answer({ code: ExportResultCode.SUCCESS });
    answer({ code: ExportResultCode.FAILED });
  });
  const { pipeline, spans } = await rigFor(exporter);
  spans(10);
  await pipeline.flush(2_000);
  expect(pipeline.stats()).toMatchObject({ accepted: 10, rejected: 0 });
  expect(balanced(pipeline.stats())).toBe(true);
});

test('an exporter whose shutdown hangs or throws does not hold up ours', async () => {
  const hanging = { ...scripted(ok).exporter, shutdown: () => new Promise<void>(() => {}) };
  const throwing = {
    ...scripted(ok).exporter,
    shutdown: () => {
      throw new Error('thrown');
    },
  };
  for (const exporter of [hanging, throwing]) {
    const { pipeline, spans } = await rigFor(exporter);
    spans(1);
    const startedAt = performance.now();
    expect(await pipeline.shutdown(200)).toEqual({ flushed: 1, spooled: 0, dropped: 0 });
    expect(performance.now() - startedAt).toBeLessThan(600);
  }
});
