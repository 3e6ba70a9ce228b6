import { expect, test } from 'vitest';
import { runApp } from './processes.ts';

const script = (code: string) => ['--input-type=module', '-e', code];

test('an app is read line by line and its end is told', async () => {
  const app = runApp({ args: script(`console.log('ready 1'); console.error('oops'); process.exitCode = 3`) });
  expect(await app.line(/^ready (\d)/)).toBe('ready 1');
  expect(await app.line(/oops/)).toBe('oops');
  expect(await app.exit).toMatchObject({ code: 3, signal: null, msAfterKill: undefined });
  expect([app.stdout(), app.stderr()]).toEqual(['ready 1\n', 'oops\n']);
});

test('the environment holds only what was given', async () => {
  process.env.OTEL_SERVICE_NAME = 'leaked';
  const app = runApp({ args: script('console.log(JSON.stringify(process.env))'), env: { GIVEN: 'yes' } });
  await app.exit;
  delete process.env.OTEL_SERVICE_NAME;
  expect(JSON.parse(app.stdout())).toMatchObject({ GIVEN: 'yes', PATH: process.env.PATH });
  expect(app.stdout()).not.toContain('OTEL_');
});

test('a line that never comes rejects with the output when the app ends', async () => {
  const app = runApp({ args: script(`console.log('only this')`) });
  await expect(app.line(/ready/)).rejects.toThrow(/ended \(0\) without \/ready\/.*only this/s);
});

test('a killed app tells its signal and how long it took', async () => {
  const app = runApp({ args: script(`console.log('up'); setInterval(() => {}, 1000)`) });
  await app.line(/up/);
  app.kill();
  const { code, signal, ms, msAfterKill } = await app.exit;
  expect([code, signal]).toEqual([null, 'SIGTERM']);
  expect(msAfterKill).toBeLessThan(ms);
});

test('a node that does not exist rejects instead of hanging', async () => {
  const app = runApp({ node: '/nonexistent/node', args: [] });
  await expect(app.line(/x/)).rejects.toThrow('ENOENT');
  await expect(app.exit).rejects.toThrow('ENOENT');
});
