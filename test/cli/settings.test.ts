// `keeptrace settings`, called as the command does it.
import { afterEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/settings.ts';
import { rowGroups } from '../../src/config/rows.ts';
import { folder } from './doctor/clinic.ts';

const before = { ...process.env };
const cwd = process.cwd();
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** In an environment that holds only what is given. */
async function settings(args: string[], env: Record<string, string> = {}, files: Record<string, unknown> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  vi.spyOn(process, 'cwd').mockReturnValue(folder(files));
  for (const name of Object.keys(before))
    if (/^(OTEL|KEEPTRACE|NODE)_|^NO_COLOR|^FORCE_COLOR/.test(name)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const code = await run(args);
  vi.restoreAllMocks();
  return { code, out: out.join(''), err: err.join('') };
}

interface Listed {
  option: string;
  value: string;
  unit?: string;
  from: string;
}
const listed = (out: string): Record<string, Listed> =>
  Object.fromEntries((JSON.parse(out).settings as Listed[]).map((one) => [one.option, one]));

test('every setting is there with value, unit and origin', async () => {
  const env = {
    OTEL_SERVICE_NAME: 'shop',
    KEEPTRACE_SLOW_MS: '250',
    KEEPTRACE_KEEP_BUDGET: 'off',
    NODE_ENV: 'production',
  };
  const { code, out } = await settings(['--json'], env, { 'package.json': { name: 'shop-api', version: '1.4.0' } });
  const found = listed(out);
  const all = rowGroups.flatMap(({ rows }) => rows.map(({ option }) => option));
  expect(Object.keys(found).sort()).toEqual([...new Set(all)].sort());
  expect(found.serviceName).toMatchObject({ value: 'shop', from: 'OTEL_SERVICE_NAME in the environment' });
  expect(found.serviceVersion).toMatchObject({ value: '1.4.0', from: 'package.json' });
  expect(found.slowMs).toMatchObject({
    value: '250',
    unit: 'milliseconds',
    from: 'KEEPTRACE_SLOW_MS in the environment',
  });
  expect(found.keepBudget).toMatchObject({ value: 'off' });
  expect(found.keepBudget).not.toHaveProperty('unit');
  expect(found.sampleRatio).toMatchObject({ value: '0.1', from: 'the default' });
  expect(found.environment).toMatchObject({ value: 'production', from: 'NODE_ENV in the environment' });
  expect([code, JSON.parse(out).problems, JSON.parse(out).active]).toEqual([0, [], true]);
});

test('problems make the exit code 1, and are listed with what to write', async () => {
  const env = { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER_ARG: '10%' };
  const { code, out } = await settings([], env);
  expect(code).toBe(1);
  expect(out).toMatch(/▲ KT_NOT_A_NUMBER {2}OTEL_TRACES_SAMPLER_ARG=10% .*Write: OTEL_TRACES_SAMPLER_ARG=0\.1/);
  expect(out).toMatch(/sampleRatio +0\.1 +the default/);
});

test('--changed leaves the defaults out', async () => {
  const { out } = await settings(['--changed'], { OTEL_SERVICE_NAME: 'shop', KEEPTRACE_SLOW_MS: '250' });
  expect(out).toBe(
    `Service\n  serviceName  ${'shop'.padEnd(44)}  OTEL_SERVICE_NAME in the environment\n\nKeeping\n  slowMs       ${'250 ms'.padEnd(44)}  KEEPTRACE_SLOW_MS in the environment\n`,
  );
});

test('a file of variables is laid under the environment', async () => {
  const dir = folder({ a: 'OTEL_SERVICE_NAME=file\nKEEPTRACE_SLOW_MS=250', b: 'KEEPTRACE_SLOW_MS=500' });
  const args = ['--json', '--env-file', `${dir}/a`, '--env-file', `${dir}/b`];
  const found = listed((await settings(args, { OTEL_SERVICE_NAME: 'shop' })).out);
  expect(found.serviceName).toMatchObject({ value: 'shop', from: 'OTEL_SERVICE_NAME in the environment' });
  expect(found.slowMs).toMatchObject({ value: '500', from: `KEEPTRACE_SLOW_MS in ${dir}/b` });
});

test.each([
  [['--nonsense'], /nonsense/],
  [['--env-file', '/nowhere/.env'], /ENOENT/],
])('%j is refused with 2', async (args, why) => {
  const { code, err } = await settings(args);
  expect(code).toBe(2);
  expect(err).toMatch(why);
});

test('--help tells the options', async () => {
  const { code, out } = await settings(['--help']);
  expect(code).toBe(0);
  for (const option of ['--json', '--changed', '--env-file']) expect(out).toContain(option);
});

test('the working folder of the tests is as it was', () => {
  expect(process.cwd()).toBe(cwd);
});
