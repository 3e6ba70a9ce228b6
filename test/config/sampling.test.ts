import { expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { SamplerName } from '../../src/config/settings.ts';

const S = 'OTEL_TRACES_SAMPLER';
const A = 'OTEL_TRACES_SAMPLER_ARG';
const production = { NODE_ENV: 'production' };

// Environment, options, what is used, and the codes of what is said.
const rows: [
  env: Record<string, string>,
  options: TracingOptions,
  sampler: SamplerName,
  ratio: number,
  codes: string[],
][] = [
  [{}, {}, 'parentbased_traceidratio', 1, []],
  [production, {}, 'parentbased_traceidratio', 0.1, []],
  [{ NODE_ENV: 'Prod' }, {}, 'parentbased_traceidratio', 0.1, []],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=production' }, {}, 'parentbased_traceidratio', 0.1, []],
  [
    { ...production, OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging' },
    {},
    'parentbased_traceidratio',
    0.1,
    [],
  ],
  [{ NODE_ENV: 'development' }, { environment: 'production' }, 'parentbased_traceidratio', 0.1, []],
  [{ ...production, [A]: '0.5' }, {}, 'parentbased_traceidratio', 0.5, []],
  [{ ...production, [A]: '1' }, {}, 'parentbased_traceidratio', 1, []],
  [{ ...production, [A]: '0' }, {}, 'parentbased_traceidratio', 0, []],
  [{ ...production, [A]: '10%' }, {}, 'parentbased_traceidratio', 0.1, ['KT_NOT_A_NUMBER']],
  [{ ...production, [A]: '1.5' }, {}, 'parentbased_traceidratio', 0.1, ['KT_OUT_OF_RANGE']],
  [{ ...production, [S]: 'ratio' }, {}, 'parentbased_traceidratio', 0.1, ['KT_UNKNOWN_VALUE']],
  [{ ...production, [S]: 'ratio', [A]: '0.2' }, {}, 'parentbased_traceidratio', 0.2, ['KT_UNKNOWN_VALUE']],
  [{ ...production, [S]: 'traceidratio' }, {}, 'traceidratio', 0.1, []],
  [{ ...production, [S]: 'xray', [A]: '0.2' }, {}, 'parentbased_traceidratio', 0.1, ['KT_UNSUPPORTED']],
  [{ [A]: '10%' }, {}, 'parentbased_traceidratio', 0.1, ['KT_NOT_A_NUMBER']],
  [{ [A]: '10' }, {}, 'parentbased_traceidratio', 0.1, ['KT_OUT_OF_RANGE']],
  [{ [A]: '0,1' }, {}, 'parentbased_traceidratio', 0.1, ['KT_NOT_A_NUMBER']],
  [{ [A]: '0,1', [S]: 'traceidratio' }, {}, 'traceidratio', 0.1, ['KT_NOT_A_NUMBER']],
  [{ [S]: 'ratio' }, {}, 'parentbased_traceidratio', 0.1, ['KT_UNKNOWN_VALUE']],
  [{ [S]: 'ratio', [A]: '1' }, {}, 'parentbased_traceidratio', 1, ['KT_UNKNOWN_VALUE']],
  [{ [S]: 'xray', [A]: '1' }, {}, 'parentbased_traceidratio', 0.1, ['KT_UNSUPPORTED']],
  [{ [S]: 'traceidratio' }, {}, 'traceidratio', 1, []],
  [{ [S]: 'ratio' }, { sampler: 'traceidratio' }, 'traceidratio', 1, []],
  [{ [A]: '10%' }, { sampleRatio: 1 }, 'parentbased_traceidratio', 1, []],
  [{ ...production, [S]: 'always_on' }, {}, 'always_on', 0.1, []],
  [{ [S]: 'always_on', [A]: '0.2' }, {}, 'always_on', 0.2, ['KT_NO_EFFECT']],
  [{ [S]: 'always_on' }, { sampleRatio: 0.3 }, 'parentbased_traceidratio', 0.3, ['KT_NO_EFFECT']],
  [{ [A]: '0.2' }, { sampler: 'traceidratio' }, 'traceidratio', 0.2, []],
  [{ [S]: 'always_on', [A]: '0.9' }, { sampler: 'traceidratio', sampleRatio: 0.3 }, 'traceidratio', 0.3, []],
];

const show = (value: object) => JSON.stringify(value).replaceAll('"', '');

test.each(rows.map((row) => [show(row[0]), show(row[1]), ...row] as const))(
  '%s %s',
  (_, __, env, options, sampler, ratio, codes) => {
    const { settings, problems } = resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env }, options });
    expect({ sampler: settings.sampler, ratio: settings.sampleRatio }).toEqual({ sampler, ratio });
    expect(problems.map(({ code }) => code)).toEqual(codes);
  },
);

test('the line about a sampler that cannot be used says which share is recorded', () => {
  const { problems } = resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', [S]: 'ratio' } });
  expect(problems[0]!.message).toContain('Now: sampler is parentbased_traceidratio, the default, with ratio 0.1.');
});
