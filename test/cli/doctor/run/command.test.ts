import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../../../support/processes.ts';
import { makeApp } from './apps.ts';

const cli = join(import.meta.dirname, '../../../../dist/esm/cli.js');

test('keeptrace doctor -- node server.cjs: the report has stdout for itself, and holds no argument that is secret', async () => {
  const cwd = realpathSync(
    makeApp({
      files: {
        'server.cjs': `require('keeptrace').withSpan('work', () => console.log('app says hello')); process.exitCode = 3;`,
      },
    }),
  );
  try {
    const preload = ['--import', 'keeptrace/register', 'server.cjs', '--token=s3cret-value'];
    const app = runApp({
      args: [cli, 'doctor', '--json', '--', process.execPath, ...preload],
      cwd,
      // Nothing listens there; what the run shows is beside it.
      env: { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    });
    const { code } = await app.exit;
    const { findings, stages } = JSON.parse(app.stdout());
    expect(findings.map((one: { code: string }) => one.code)).toEqual(['ENDPOINT_REFUSED']);
    expect(stages.map(({ name, count }: { name: string; count: number }) => [name, count])).toEqual([
      ['loaded', 1],
      ['patched', 2],
      ['started', 1],
      ['ended', 1],
      ['kept', 1],
      ['exported', 1],
      ['accepted', 1],
    ]);
    expect(code).toBe(2);
    expect(app.stderr()).toContain('app says hello');
    expect(app.stderr()).toContain('the application ended with exit code 3');
    expect(app.stdout() + app.stderr()).not.toContain('s3cret-value');
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}, 60_000);

test('a file of variables that the command has Node read is read by the doctor, too', async () => {
  const cwd = realpathSync(
    makeApp({ files: { 'server.cjs': `setTimeout(() => {}, 50);`, 'off.env': 'OTEL_SDK_DISABLED=true\n' } }),
  );
  try {
    const command = ['--env-file=off.env', '--import', 'keeptrace/register', 'server.cjs'];
    const app = runApp({
      args: [cli, 'doctor', '--json', '--', process.execPath, ...command],
      cwd,
      env: { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    });
    await app.exit;
    expect(JSON.parse(app.stdout()).findings).toMatchObject([
      { code: 'SDK_DISABLED', from: 'OTEL_SDK_DISABLED in off.env', fix: 'OTEL_SDK_DISABLED=false   (in off.env)' },
    ]);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}, 60_000);
