// Sampler and ratio belong together: whatever is wrong with one of them, the result is never all traces by accident.
import type { Picker } from './picker.ts';
import { accept, type Row } from './row.ts';
import { REMOTE_SAMPLERS, samplingRows as rows } from './rows-sampling.ts';
import { assignment, toProblem } from './sentence.ts';
import type { SamplerName, Settings } from './settings.ts';

export type SamplingSettings = Pick<Settings, 'sampler' | 'sampleRatio' | 'propagators'>;

export function resolveSampling(picker: Picker, production: boolean): SamplingSettings {
  const remote = REMOTE_SAMPLERS.includes(picker.env.text('OTEL_TRACES_SAMPLER')?.toLowerCase() ?? '');
  // Whoever gave a sampler or a ratio wanted less than everything, so a typing error means the share of production.
  const unclear = isUnusable(picker, rows.sampler) || isUnusable(picker, rows.sampleRatio);
  const note = production ? 'the default in production' : 'as in production, because what was set cannot be used';
  // The argument of a remote sampler is an address, about which there is nothing more to say.
  const ratioRow = remote ? { ...rows.sampleRatio, env: [] } : rows.sampleRatio;
  const sampleRatio = picker.pick(ratioRow, { value: production || unclear ? 0.1 : 1, note });
  const sampler = picker.pick(rows.sampler, {
    value: rows.sampler.fallback,
    note: `the default, with ratio ${sampleRatio}`,
  });
  return {
    sampler: sampler.endsWith('traceidratio') ? sampler : settleConflict(picker, sampler, sampleRatio),
    sampleRatio,
    propagators: picker.pick(rows.propagators),
  };
}

/** @returns whether the setting was given, and nothing can be made of it */
function isUnusable<T>({ env, option }: Picker, row: Row<T>): boolean {
  const given = option(row.option);
  if (given !== undefined) return accept(row, given).value === undefined;
  const texts = row.env.map((name) => env.text(name)).filter((text) => text !== undefined);
  return texts.length > 0 && texts.every((text) => row.read(text).value === undefined);
}

/** A ratio beside a sampler that takes none: code wins over a variable, and either way it is told. */
function settleConflict({ origins, problems }: Picker, sampler: SamplerName, sampleRatio: number): SamplerName {
  const ratioOrigin = origins.sampleRatio!;
  const samplerOrigin = origins.sampler!;
  if (ratioOrigin.kind === 'default') return sampler;
  if (ratioOrigin.kind === 'code' && samplerOrigin.kind === 'env') {
    origins.sampler = ratioOrigin;
    problems.push(
      toProblem({
        code: 'KT_NO_EFFECT',
        origin: samplerOrigin,
        shown: sampler,
        why: 'has no effect, because sampleRatio is set in code',
        now: `parentbased_traceidratio with ratio ${sampleRatio} is used`,
        write: 'initTracing() without sampleRatio, if the variable is to decide',
      }),
    );
    return 'parentbased_traceidratio';
  }
  problems.push(
    toProblem({
      code: 'KT_NO_EFFECT',
      origin: ratioOrigin,
      shown: String(sampleRatio),
      why: `has no effect with the sampler ${sampler}`,
      expected: 'a sampler that takes a ratio',
      now: sampler.endsWith('on') ? 'every new trace is recorded' : 'no new trace is recorded',
      write: assignment(
        samplerOrigin,
        samplerOrigin.kind === 'code' ? "'parentbased_traceidratio'" : rows.sampler.fallback,
      ),
    }),
  );
  return sampler;
}
