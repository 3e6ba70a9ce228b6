import { afterEach, describe, expect, test } from 'vitest';
import { Ledger } from '../../../src/export/accounting.ts';
import { now } from '../../../src/export/clock.ts';
import type { Outcome, SealedBody } from '../../../src/export/destination/destination-contract.ts';
import { createOtlpDestination } from '../../../src/export/destination/otlp-destination.ts';
import { BatchQueue } from '../../../src/export/queue.ts';
import { LOSS_SPAN } from '../../../src/export/report/loss-report.ts';
import { Sender } from '../../../src/export/sender/sender.ts';
import { readable } from '../../receiver/spans.ts';
import { type Choosy, startChoosyCollector } from '../choosy-collector.ts';
import { closeRigs, createRig, quick, type RigOptions } from '../rig.ts';

afterEach(closeRigs);

const has =
  (...names: string[]) =>
  (span: { name: string }) =>
    names.includes(span.name);

async function choosyRig(judge: Choosy['judge'], options: RigOptions = {}) {
  const collector = await startChoosyCollector(judge);
  const rig = await createRig({ collector, ...options });
  return { ...rig, collector, settled: () => collector.until(() => rig.pipeline.stats().queued === 0) };
}

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  describe.each(['none', 'gzip'] as const)('compression %s', (compression) => {
    const otlp = { protocol, compression };

    test('a span for which a batch is refused is found by halving, and is all that is lost', async () => {
      const { collector, spans, settled, balance, events } = await choosyRig(
        (seen) => (seen.some(has('span 300')) ? { status: 400, body: 'I dislike span 300' } : 200),
        { otlp },
      );
      spans(512);
      await settled();
      expect(balance()).toMatchObject({ accepted: 511, rejected: 1, dropped: {} });
      expect(collector.acked.size).toBe(511);
      expect([...collector.acked.values()].every((times) => times === 1)).toBe(true);
      // 2·log2(512) + 2
      expect(collector.requests.length).toBeLessThanOrEqual(20);
      expect(events.rejected).toMatchObject([{ spans: 1, whole: false, failure: { code: 'http_400_span' } }]);
      expect(events.rejected[0]!.failure.what).toContain('“I dislike span 300”');
      expect(events.rejected[0]!.failure.fix).toContain('spans around them were taken');
    });

    test('a request that is too large is halved, and the next one is not even tried', async () => {
      const limit = 20_000;
      const { collector, pipeline, tracer, balance, settled } = await choosyRig(
        (_spans, bytes) => (bytes > limit ? 413 : 200),
        { otlp, pipeline: { batchDelayMs: 1e6 } },
      );
      const burst = (from: number) => {
        for (let i = 0; i < 256; i++) tracer.startSpan(`s${from + i}`, { attributes: { text: 'x'.repeat(200) } }).end();
      };
      burst(0);
      await pipeline.flush(5_000);
      const refused = () => collector.answers.filter(({ status }) => status === 413).length;
      const learning = refused();
      expect(learning).toBeGreaterThan(2);
      for (let n = 1; n <= 3; n++) {
        burst(n * 256);
        await pipeline.flush(5_000);
      }
      await settled();
      expect(balance()).toMatchObject({ accepted: 1_024, rejected: 0 });
      expect(refused()).toBe(learning);
      // What is below the limit is not cut: no more requests than halves of what was too large.
      expect(
        Math.max(...collector.answers.filter(({ status }) => status === 200).map(({ bytes }) => bytes)),
      ).toBeGreaterThan(limit / 4);
    });
  });
});

describe('400', () => {
  test('several bad spans of a batch are all found', async () => {
    const bad = has('span 0', 'span 7', 'span 8', 'span 255');
    const { collector, spans, settled, balance } = await choosyRig((seen) => (seen.some(bad) ? 400 : 200));
    spans(256);
    await settled();
    expect(balance()).toMatchObject({ accepted: 252, rejected: 4 });
    expect(collector.requests.length).toBeLessThanOrEqual(4 * (2 * 8 + 2));
  });

  test.each([
    ['the first half', (n: number) => n < 128],
    ['every fourth', (n: number) => n % 4 === 0],
  ])('good spans among many bad ones are not given up early: %s', async (_name, isBad) => {
    const { spans, settled, balance, collector } = await choosyRig((seen) =>
      seen.some(({ name }) => isBad(Number(name.slice(5)))) ? 400 : 200,
    );
    const bad = Array.from({ length: 256 }, (_, n) => n).filter(isBad).length;
    spans(256);
    await settled();
    const { rejected, accepted } = balance();
    expect(rejected).toBeGreaterThanOrEqual(bad);
    expect(accepted).toBeGreaterThan(50);
    // Never more than sending each span alone.
    expect(collector.requests.length).toBeLessThanOrEqual(258);
  });

  test('a span that is refused alone costs one request', async () => {
    const { collector, pipeline, spans, balance, events } = await choosyRig(() => 400);
    spans(1);
    expect(await pipeline.flush(2_000)).toMatchObject({ dropped: 1 });
    expect(balance()).toMatchObject({ rejected: 1 });
    expect(collector.requests).toHaveLength(1);
    expect(events.rejected).toMatchObject([{ whole: true, failure: { code: 'http_400' } }]);
  });

  test('after three batches of which nothing was taken, the search rests', async () => {
    const { collector, pipeline, spans, balance } = await choosyRig(() => 400, {
      limits: { searchRestMs: 400, concurrency: 1 },
    });
    const requestsOf = async (count: number) => {
      const before = collector.requests.length;
      spans(count);
      await pipeline.flush(5_000);
      return collector.requests.length - before;
    };
    expect([await requestsOf(512), await requestsOf(256), await requestsOf(128)]).toEqual([19, 17, 15]);
    expect([await requestsOf(512), await requestsOf(512), await requestsOf(300)]).toEqual([1, 1, 1]);
    expect(balance()).toMatchObject({ rejected: 512 + 256 + 128 + 512 + 512 + 300, accepted: 0, queued: 0 });
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await requestsOf(512)).toBe(19);
    balance();
  });

  test('a batch that is taken between keeps the search alive', async () => {
    let accept = false;
    const { collector, pipeline, spans, balance } = await choosyRig(() => (accept ? 200 : 400));
    // The report of what was refused before is not of this search.
    const requests = () => collector.requests.filter((request) => request.spans[0]?.name !== LOSS_SPAN).length;
    for (let n = 0; n < 6; n++) {
      accept = n % 2 === 1;
      const before = requests();
      spans(16);
      await pipeline.flush(5_000);
      expect(requests() - before).toBe(accept ? 1 : 9);
    }
    expect(balance()).toMatchObject({ accepted: 48, rejected: 48 });
  });

  test('an outage in the middle of a search loses and repeats nothing', async () => {
    let n = 0;
    const { collector, spans, settled, balance } = await choosyRig((seen) => {
      n++;
      if (n >= 5 && n <= 7) return 503;
      return seen.some(has('span 100', 'span 400')) ? 400 : 200;
    });
    spans(512);
    await settled();
    expect(balance()).toMatchObject({ accepted: 510, rejected: 2, dropped: {} });
    expect([...collector.acked.values()].every((times) => times === 1)).toBe(true);
  });

  test('a flush waits for the search, and a shutdown in the middle of it counts everything', async () => {
    let hang = () => {};
    const { pipeline, spans, collector, balance } = await choosyRig((seen) => {
      if (collector.requests.length === 4) hang();
      return seen.some(has('span 100')) ? 400 : 200;
    });
    spans(256);
    expect(await pipeline.flush(5_000)).toEqual({ flushed: 255, spooled: 0, dropped: 1 });
    const stopped = new Promise<void>((resolve) => {
      hang = resolve;
    });
    collector.requests.length = 0;
    collector.judge = (seen) => {
      if (collector.requests.length === 6) hang();
      return seen.some(has('span 300')) ? 400 : 200;
    };
    spans(256);
    pipeline.kick();
    await stopped;
    await pipeline.shutdown(0);
    const { queued, ended, accepted } = balance();
    expect([queued, ended]).toEqual([0, 512]);
    expect(accepted).toBeGreaterThan(255);
  });

  test('an attempt that is called off in a search begins again with the parts', async () => {
    const { pipeline, spans, collector, settled, balance } = await choosyRig((seen) =>
      seen.some(has('span 100')) ? 400 : 200,
    );
    spans(256);
    await collector.until(() => collector.requests.length >= 3);
    pipeline.callOff();
    balance();
    await settled();
    expect(balance()).toMatchObject({ rejected: 1, queued: 0 });
  });
});

test('what a search was to look into ages out with the rest when an outage comes between', async () => {
  const { collector, spans, settled, balance } = await choosyRig(() => (collector.requests.length < 6 ? 400 : 503), {
    limits: { maxAgeMs: 300, concurrency: 1 },
  });
  spans(512);
  await settled();
  const { rejected, dropped } = balance();
  expect(rejected + dropped.expired!).toBe(512);
  expect(dropped.expired).toBeGreaterThan(500);
});

test('the bytes of the parts are in the books of the queue, and leave them', async () => {
  const queue = new BatchQueue(1e9);
  const ledger = new Ledger();
  const bad: Outcome = { kind: 'rejected', failure: { code: 'http_400', what: '', fix: '' } };
  const seen: number[] = [];
  const destination = createOtlpDestination({ url: 'http://localhost/', protocol: 'http/json', exportTimeoutMs: 1 });
  const send = async (body: SealedBody): Promise<Outcome> => {
    seen.push(queue.bytes);
    const text = body.kind === 'bytes' ? Buffer.from(body.bytes).toString() : '';
    return text.includes('"span 7"') ? bad : { kind: 'accepted', rejected: 0 };
  };
  const nothing = () => {};
  const sender = new Sender({
    destination: { ...destination, send },
    queue,
    ledger,
    batchSize: 512,
    limits: quick,
    on: {},
    changed: nothing,
    done: nothing,
    split: nothing,
    gaveUp: nothing,
  });
  const [sealed] = destination.seal(Array.from({ length: 64 }, (_, n) => readable({ n }))).sealed;
  queue.push({ ...sealed!, seq: 0, sealedAt: now(), lane: 'rest' });
  sender.pump();
  while (sender.inFlight.size > 0) await new Promise(setImmediate);
  expect(ledger).toMatchObject({ accepted: 63, rejected: 1 });
  // Halves repeat what is around the spans, so they hold a little more than the whole, until one is done.
  expect(seen[1]).toBeGreaterThan(sealed!.size);
  expect(queue.bytes).toBe(0);
});

describe('413', () => {
  test('a single span that is too large is counted, and those around it arrive', async () => {
    const { tracer, spans, settled, balance, events } = await choosyRig((_spans, bytes) =>
      bytes > 30_000 ? 413 : 200,
    );
    spans(20);
    tracer.startSpan('huge', { attributes: { text: 'x'.repeat(50_000) } }).end();
    spans(20);
    await settled();
    expect(balance()).toMatchObject({ accepted: 40, rejected: 1 });
    expect(events.rejected).toMatchObject([{ spans: 1, whole: false, failure: { code: 'http_413_span' } }]);
  });

  test('where nothing is small enough, nothing is learned from it', async () => {
    const { collector, pipeline, spans, balance } = await choosyRig(() => 413);
    spans(64);
    await pipeline.flush(5_000);
    expect(collector.requests).toHaveLength(13);
    collector.judge = () => 200;
    spans(64);
    await pipeline.flush(5_000);
    expect(collector.requests).toHaveLength(14);
    expect(balance()).toMatchObject({ accepted: 64, rejected: 64 });
  });
});

describe.each([401, 403])('%i', (status) => {
  test('everything is held for a key that is being renewed, and nothing is lost', async () => {
    const { collector, spans, settled, balance, events, pipeline } = await choosyRig(() => status, {
      limits: { holdMs: 400 },
    });
    spans(512);
    await collector.until(() => events.retrying.length > 0);
    spans(512);
    await pipeline.flush(100);
    expect(balance()).toMatchObject({ queued: 1_024, rejected: 0 });
    // At most those that were on their way when the first was refused.
    const inTheHold = collector.requests.length;
    expect(inTheHold).toBeLessThanOrEqual(2);
    collector.judge = () => 200;
    await settled();
    expect(balance()).toMatchObject({ accepted: 1_024, rejected: 0, dropped: {} });
    expect(collector.answers[inTheHold]!.at - collector.answers[0]!.at).toBeGreaterThan(380);
    expect(events.retrying[0]!.failure.code).toBe(`http_${status}`);
    expect(events.retrying[0]!.retryInMs).toBeGreaterThan(300);
  });

  test('what is refused after the hold counts as rejected; a new refusal later is held anew', async () => {
    const { collector, spans, settled, balance, pipeline } = await choosyRig(() => status, { limits: { holdMs: 150 } });
    spans(300);
    await settled();
    expect(balance()).toMatchObject({ rejected: 300 });
    expect(collector.requests.length).toBeLessThanOrEqual(3);
    collector.judge = () => 200;
    spans(10);
    await pipeline.flush(2_000);
    collector.judge = () => status;
    spans(10);
    await collector.until(() => collector.answers.at(-1)!.status === status);
    await pipeline.flush(20);
    expect(balance()).toMatchObject({ accepted: 10, rejected: 300, queued: 10 });
  });
});
