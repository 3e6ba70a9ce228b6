// Sampler and ratio belong together: whatever is wrong with one of them, the result is never all traces by accident.
import type { Picker } from './picker.ts';
import { samplingRows as rows } from './rows-sampling.ts';
import { assignment, toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';

export type SamplingSettings = Pick<Settings, 'sampler' | 'sampleRatio' | 'propagators'>;

const NAME = 'OTEL_TRACES_SAMPLER';
const ARG = 'OTEL_TRACES_SAMPLER_ARG';
/** In the specification, but they ask a server: their argument is no ratio. */
const REMOTE = ['jaeger_remote', 'parentbased_jaeger_remote', 'xray'];

export function resolveSampling(picker: Picker, production: boolean): SamplingSettings {
  const { env, origins, problems } = picker;
  const ratioDefault = {
    value: production ? 0.1 : 1,
    note: production ? 'the default in production' : 'the default outside production',
  };

  const remote = REMOTE.find((name) => name === env.text(NAME)?.toLowerCase());
  let sampler = remote && picker.option('sampler') === undefined ? rows.sampler.fallback : picker.pick(rows.sampler);
  let sampleRatio = ratioDefault.value;
  if (remote && origins.sampler === undefined) {
    origins.sampler = { kind: 'default', name: 'sampler' };
    sampleRatio =
      picker.option('sampleRatio') === undefined ? sampleRatio : picker.pick(rows.sampleRatio, ratioDefault);
    origins.sampleRatio ??= { kind: 'default', name: 'sampleRatio' };
    problems.push(
      toProblem({
        code: 'KT_UNSUPPORTED',
        origin: { kind: 'env', name: NAME },
        shown: remote,
        why: 'asks a server for its decisions, which keeptrace does not do',
        expected: rows.sampler.expected,
        now: `${sampler} with ratio ${sampleRatio} is used, ${ratioDefault.note}`,
        write: `${NAME}=${sampler} ${ARG}=${sampleRatio}`,
      }),
    );
  } else {
    sampleRatio = picker.pick(rows.sampleRatio, ratioDefault);
  }

  const usesRatio = sampler.endsWith('traceidratio');
  const ratioOrigin = origins.sampleRatio!;
  if (!usesRatio && ratioOrigin.kind !== 'default') {
    const samplerOrigin = origins.sampler!;
    const overrule = ratioOrigin.kind === 'code' && samplerOrigin.kind === 'env';
    if (overrule) {
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
      sampler = 'parentbased_traceidratio';
      origins.sampler = ratioOrigin;
    } else {
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
            samplerOrigin.kind === 'code' ? "'parentbased_traceidratio'" : 'parentbased_traceidratio',
          ),
        }),
      );
    }
  }
  return { sampler, sampleRatio, propagators: picker.pick(rows.propagators) };
}
