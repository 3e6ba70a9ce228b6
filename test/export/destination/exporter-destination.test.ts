import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createExporterDestination,
  type ExporterDestinationOptions,
} from '../../../src/export/destination/exporter-destination.ts';
import { readable } from '../../receiver/spans.ts';
import { closeRigs, createRig } from '../rig.ts';

afterEach(closeRigs);

type Answer = (result: ExportResult) => void;

/** An exporter whose n-th call is answered by the n-th function, the last one from then on. */
function scripted(...answers: ((spans: ReadableSpan[], answer: Answer) => void)[]) {
  const state = { calls: 0, concurrent: 0, most: 0, shutdowns: 0 };
  const exporter: SpanExporter = {
    export(spans, answer) {
      state.concurrent++;
      state.most = Math.max(state.most, state.concurrent);
      return answers[Math.min(state.calls++, answers.length - 1)]!(spans, (result) => {
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
  const { exporter, state } = scripted(() => {}, ok);
  const { pipeline, spans, events, collector } = await rigFor(exporter, -900);
  spans(512);
  await collector.until(() => state.calls === 1);
  spans(10);
  await pipeline.flush(3_000);
  expect(pipeline.stats()).toMatchObject({ rejected: 512, accepted: 10 });
  expect(events.rejected[0]!.failure.code).toBe('exporter_timeout');
});

const rejecting = (error: unknown) => (() => Promise.reject(error)) as () => void;
const hostile = (key: string) =>
  Object.defineProperty({}, key, {
    get: () => {
      throw new Error('hostile');
    },
  });
const nonsense = (result: unknown) => (_: ReadableSpan[], answer: Answer) => answer(result as ExportResult);

test.each([
  ['rejects', rejecting(new Error('no key')), 'grpc failed: no key'],
  ['rejects with a text', rejecting('no key'), 'grpc failed: no key'],
  ['rejects with nothing', rejecting(undefined), 'grpc failed: no reason given'],
  ['rejects with an error that cannot be read', rejecting(hostile('code')), 'grpc failed: no reason given'],
  ['returns a hostile thenable', () => hostile('then') as never, 'grpc failed: hostile'],
  ['answers with nothing', nonsense(undefined), 'grpc failed: it answered without a result'],
  ['answers with what cannot be read', nonsense(hostile('code')), 'grpc failed: it answered without a result'],
] as const)('an exporter that %s has failed at once', async (_name, answer, what) => {
  const { exporter, state } = scripted(answer);
  const { pipeline, spans, events } = await rigFor(exporter, 60_000);
  spans(10);
  expect(await pipeline.flush(5_000)).toMatchObject({ dropped: 10 });
  expect(events.rejected).toMatchObject([{ spans: 10, failure: { code: 'exporter_failed', what } }]);
  expect(state.calls).toBe(1);
});

test('a promise that is rejected with an outage is waited out', async () => {
  const { exporter } = scripted(rejecting(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })), ok);
  const { pipeline, spans } = await rigFor(exporter);
  spans(10);
  expect(await pipeline.flush(5_000)).toMatchObject({ flushed: 10 });
});

test('an error code that is also the name of an object method is no outage', async () => {
  const { exporter } = scripted(fail(Object.assign(new Error('nope'), { code: 'toString' })));
  const { pipeline, spans } = await rigFor(exporter);
  spans(10);
  expect(await pipeline.flush(5_000)).toMatchObject({ dropped: 10 });
});

describe('what a foreign exporter says', () => {
  const leak =
    'POST https://u:CANARYPW@h/x?token=CANARYQ failed\nAuthorization: Bearer CANARYTOKEN12345, x-key: CANARYKEY';
  const told = async (options: Partial<ExporterDestinationOptions>, message = leak) => {
    const { exporter } = scripted(fail(Object.assign(new Error(message), { code: 'x'.repeat(1_000) })));
    const destination = createExporterDestination(exporter, { label: 'grpc', exportTimeoutMs: 1_000, ...options });
    const { pipeline, spans, events } = await createRig({ destination });
    spans(1);
    await pipeline.flush(5_000);
    return events.rejected[0]!.failure;
  };

  test('shows no credentials', async () => {
    const { what, code } = await told({ secrets: ['CANARYKEY'] });
    expect(what).toBe('grpc failed: POST https://***@h/x?*** failed Authorization: Bearer ***, x-key: ***');
    expect(code).toBe('exporter_failed');
  });

  test('goes through the redactor that is given', async () => {
    const { what } = await told({ redactText: (text) => text.replace('CANARYKEY', 'REDACTED') });
    expect(what).toBe('grpc failed: POST https://***@h/x?*** failed Authorization: Bearer ***, x-key: REDACTED');
  });

  test('is left out when the redactor fails', async () => {
    const redactText = () => {
      throw new Error('CANARY');
    };
    expect((await told({ redactText })).what).toBe('grpc failed: no reason given');
  });

  test('is cut', async () => {
    expect((await told({}, 'x'.repeat(10_000))).what.length).toBeLessThan(200);
  });
});

describe('memory', () => {
  const wide = (n: number) => ({ text: `${n}`.padEnd(40_000, 'x'), list: ['y'.repeat(1_000)], bytes: 7 });

  test('the text that spans hold counts', () => {
    const destination = createExporterDestination(scripted(ok).exporter, { label: 'grpc', exportTimeoutMs: 1_000 });
    const event = { name: 'e'.repeat(500), time: [0, 0] as [number, number], attributes: { stack: 's'.repeat(2_000) } };
    const link = { context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 } };
    const status = { code: 2, message: 'm'.repeat(300) };
    const plain = destination.seal([readable({ name: '' })]).sealed[0]!.size;
    const holding = readable({
      name: 'n'.repeat(100),
      attributes: wide(0),
      events: [event],
      links: [{ ...link, attributes: { why: 'w'.repeat(50) } }],
      status,
    });
    const { size } = destination.seal([holding]).sealed[0]!;
    expect(size - plain).toBeGreaterThanOrEqual(40_000 + 1_000 + 500 + 2_000 + 300 + 100 + 50);
    expect(size - plain).toBeLessThan(45_000);
  });

  test('6,000 spans of 40 KB stay within the bytes of the queue', async () => {
    const { exporter } = scripted(fail(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })));
    const { tracer, pipeline } = await rigFor(exporter);
    for (let n = 0; n < 6_000; n++) tracer.startSpan('wide', { attributes: wide(n) }).end();
    const { dropped, queued } = pipeline.stats();
    expect(dropped.oversize).toBeUndefined();
    expect(queued).toBeGreaterThan(300);
    // What is not yet sealed, 16 MiB that are, and the newest batch.
    expect(queued).toBeLessThan(2_048 + 420 + 100);
    expect(dropped.queue_full).toBe(6_000 - queued);
  });
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
    // What hangs would do so until the test is given up.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }
});
