// Every standard variable has the effect it has in the official SDK, or stands in the list of deliberate differences.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differences } from '../../src/config/differences.ts';
import { settingVariables } from '../../src/config/rows.ts';
import { type Observed, observe } from './fixtures/parity/observe.ts';
import { scenarios } from './fixtures/parity/scenarios.ts';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

test.concurrent.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', async (_, scenario) => {
  const official = await observe('official', scenario);
  const here = await observe('keeptrace', scenario);
  const keys = new Set([...Object.keys(official), ...Object.keys(here)] as (keyof Observed)[]);
  const different = [...keys].filter((key) => !same(official[key], here[key])).sort();
  const evidence = Object.fromEntries(different.map((key) => [key, { official: official[key], here: here[key] }]));
  const { differs = {} } = scenario;
  if (typeof differs === 'string') expect(different, 'no difference at all').not.toEqual([]);
  else expect(different, JSON.stringify(evidence, null, 2)).toEqual(Object.keys(differs).sort());
  expect(here).toMatchObject(scenario.here ?? {});
});

/** Differences that a comparison of exports cannot show, and where they are shown. */
const elsewhere: Record<string, { file: string; text: string }> = {
  'unsafe-endpoint': { file: 'test/e2e/endpoints.test.ts', text: 'http://169.254.169.254' },
  'instrumentation-lists': { file: 'test/e2e/frameworks.test.ts', text: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS' },
};

test('every deliberate difference is shown, and every one that is shown is documented', () => {
  const shown = scenarios.flatMap(({ differs = [] }) =>
    typeof differs === 'string' ? differs : Object.values(differs),
  );
  const documented = differences.map(({ id }) => id);
  expect([...new Set([...shown, ...Object.keys(elsewhere)])].sort()).toEqual(documented.sort());
});

test('what is shown elsewhere is shown there', () => {
  const root = join(import.meta.dirname, '../..');
  for (const { file, text } of Object.values(elsewhere)) expect(readFileSync(join(root, file), 'utf8')).toContain(text);
});

test('every standard variable stands in a scenario', () => {
  const used = new Set(scenarios.flatMap(({ env }) => Object.keys(env)));
  const standard = settingVariables.filter(
    (name) => name.startsWith('OTEL_') && !name.endsWith('ABLED_INSTRUMENTATIONS'),
  );
  expect(standard.filter((name) => !used.has(name))).toEqual([]);
});
