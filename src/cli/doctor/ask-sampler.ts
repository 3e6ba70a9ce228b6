// Asks the sampler itself, and not the settings: what it says is what happens.
import type { Settings } from '../../config/settings.ts';

export const SAMPLED_IDS = 1_000;

/** @returns how many of 1,000 new traces are sampled; undefined where the sampler cannot be loaded, as on an old Node */
export async function askSampler({ sampler, sampleRatio }: Settings): Promise<number | undefined> {
  try {
    const [{ createHeadSampler }, { ROOT_CONTEXT, SpanKind }] = await Promise.all([
      import('../../sampling/head-sampler.ts'),
      import('@opentelemetry/api'),
    ]);
    const head = createHeadSampler(sampler, sampleRatio);
    const ids = Array.from({ length: SAMPLED_IDS }, (_, index) => spreadId(index));
    const asked = ids.map((id) => head.shouldSample(ROOT_CONTEXT, id, 'GET /', SpanKind.SERVER, {}, []));
    return asked.filter(({ decision }) => decision === SAMPLED).length;
  } catch {
    return undefined;
  }
}

/** `SamplingDecision.RECORD_AND_SAMPLED` */
const SAMPLED = 2;

/** Evenly spread, so that the same settings always give the same answer. The last 7 bytes are the randomness of an id. */
function spreadId(index: number): string {
  const randomness = ((2n * BigInt(index) + 1n) << 56n) / BigInt(2 * SAMPLED_IDS);
  return `${'5'.repeat(18)}${randomness.toString(16).padStart(14, '0')}`;
}
