// When sealed batches set out, and which go together.
import { afterEach, describe, expect, test } from 'vitest';
import { type Choosy, startChoosyCollector } from '../choosy-collector.ts';
import { closeRigs, createRig, type RigOptions } from '../rig.ts';

afterEach(closeRigs);

const isBad = ({ name }: { name: string }) => name === 'span 300';
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Batches of 256, and hours until one that is not full is sealed. */
async function rigOf(options: RigOptions = {}, judge: Choosy['judge'] = () => 200) {
  const rig = await createRig({
    ...options,
    collector: await startChoosyCollector(judge),
    limits: { sealSpans: 256, companyMs: 3_600_000, ...options.limits },
    pipeline: { batchDelayMs: 3_600_000, ...options.pipeline },
  });
  const sizes = () => rig.collector.requests.map(({ spans }) => spans.length);
  const accepted = (count: number) => rig.collector.until(() => rig.pipeline.stats().accepted === count);
  return { ...rig, sizes, accepted };
}

describe('company', () => {
  test('two full batches go in one request', async () => {
    const { spans, sizes, accepted, balance, pipeline } = await rigOf();
    spans(256);
    await tick();
    await tick();
    expect(sizes()).toEqual([]);
    expect(pipeline.stats()).toMatchObject({ ended: 256, queued: 256 });
    spans(256);
    await accepted(512);
    expect(sizes()).toEqual([512]);
    expect(balance()).toMatchObject({ accepted: 512, queued: 0 });
  });

  test('one that nothing follows goes by itself after a moment', async () => {
    const { spans, sizes, accepted } = await rigOf({ limits: { companyMs: 30 } });
    spans(256);
    await accepted(256);
    expect(sizes()).toEqual([256]);
  });

  test('a flush waits for nobody', async () => {
    const { spans, sizes, pipeline } = await rigOf();
    spans(256);
    await tick();
    expect(await pipeline.flush(2_000)).toEqual({ flushed: 256, spooled: 0, dropped: 0 });
    expect(sizes()).toEqual([256]);
  });

  test('errors and the rest, sealed apart in one tick, share a request', async () => {
    let n = 0;
    const { spans, sizes, accepted } = await rigOf({
      pipeline: { batchDelayMs: 10, laneOf: () => (n++ % 2 ? 'kept' : 'rest') },
    });
    spans(20);
    await accepted(20);
    expect(sizes()).toEqual([20]);
  });

  test.each([
    ['a batch is what a request may have', { pipeline: { batchSize: 256 } }],
    ['compressed batches would have to be compressed again', { otlp: { compression: 'gzip' as const } }],
    ['another one would not fit', { limits: { requestBytes: 20_000 } }],
  ])('none where %s', async (_why, options: RigOptions) => {
    const { spans, sizes, accepted } = await rigOf(options);
    spans(256);
    await accepted(256);
    spans(256);
    await accepted(512);
    expect(Math.max(...sizes())).toBeLessThanOrEqual(256);
    expect(sizes().length).toBeGreaterThan(1);
  });

  test('a bad span costs itself, not those that went with it', async () => {
    const { spans, accepted, balance } = await rigOf({}, (seen) => (seen.some(isBad) ? 400 : 200));
    spans(256);
    await tick();
    spans(256);
    await accepted(511);
    expect(balance()).toMatchObject({ accepted: 511, rejected: 1, queued: 0 });
  });

  test('what is refused time after time is not asked twice', async () => {
    const { spans, pipeline, sizes } = await rigOf({ limits: { sealSpans: 8 } }, () => 404);
    spans(8);
    await pipeline.flush(2_000);
    spans(16);
    await pipeline.flush(2_000);
    expect(sizes()).toEqual([8, 8, 8]);
  });
});
