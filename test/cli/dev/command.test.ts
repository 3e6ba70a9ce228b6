// The command as it is typed: real processes of the built package.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../../support/processes.ts';
import { getJson, send, span, testViewer, traceIdOf } from './rig.ts';

const cli = join(import.meta.dirname, '../../../dist/esm/cli.js');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeptrace-dev-'));
  writeFileSync(
    join(folder, 'app.mjs'),
    `import { createServer } from 'node:http';
     const server = createServer((request, response) => response.end('hello')).listen(0, '127.0.0.1', async () => {
       await (await fetch('http://127.0.0.1:' + server.address().port + '/items/42')).text();
       server.close();
       console.log('app has ' + process.env.OTEL_EXPORTER_OTLP_ENDPOINT);
       process.exitCode = 7;
     });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const dev = (args: string[] = [], env: Record<string, string> = {}): App =>
  runApp({ args: [cli, 'dev', '--port', '0', ...args], cwd: folder, env });
const urlOf = async (app: App) => /http:\/\/\S+/.exec(await app.line(/^keeptrace dev \S+: http/))![0];

test.each(['SIGINT', 'SIGTERM'] as const)(
  'it is there in well under a second, and %s ends it at once',
  async (signal) => {
    const started = performance.now();
    const app = dev();
    const url = await urlOf(app);
    expect(await getJson(`${url}/healthz`)).toMatchObject({ name: 'keeptrace dev' });
    expect(performance.now() - started).toBeLessThan(2_000);
    await send({ url }, [span({ id: 'a' })]);
    expect(
      await fetch(`${url.replace('localhost', '[::1]')}/api/traces`).then((response) => response.json()),
    ).toMatchObject({ held: 1 });
    app.kill(signal);
    const end = await app.exit;
    expect(end).toMatchObject({ code: null, signal });
    expect(end.msAfterKill).toBeLessThan(1_500);
  },
);

test('a shell whose NODE_OPTIONS hold the preload does not make it trace itself', async () => {
  const preload = new URL('../../../dist/esm/register.js', import.meta.url).href;
  const app = dev([], { NODE_OPTIONS: `--import ${preload}`, OTEL_BSP_SCHEDULE_DELAY: '1' });
  const url = await urlOf(app);
  await send({ url }, [span({ id: 'a' })]);
  expect(await getJson(`${url}/api/traces`)).toMatchObject({ held: 1 });
  app.kill();
  await app.exit;
  expect(app.stderr()).toBe('');
});

test('a second one says that the first is there', async () => {
  const viewer = await testViewer();
  const app = dev(['--port', new URL(viewer.url).port]);
  expect(await app.exit).toMatchObject({ code: 0 });
  expect(app.stdout()).toContain(`keeptrace dev 1.2.3 is already running: ${viewer.url}\n`);
  await viewer.close();
});

test('an application gets what it needs, its traces are printed beside its output, and its exit code is ours', async () => {
  const app = dev(['--print', '--', process.execPath, 'app.mjs'], {
    OTEL_SERVICE_NAME: 'shop',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  expect(await app.exit).toMatchObject({ code: 7, signal: null });
  const url = /at (http:\/\/\S+)/.exec(app.stderr())![1]!;
  expect(app.stdout()).toBe(`app has ${url}\n`);
  expect(app.stderr()).toMatch(
    /^GET +shop .*\n└─ GET \/items\/\{id\} +shop .*\n→ production (keeps|would drop) it: .*\n {2}http:\S+\/#[0-9a-f]{32}$/m,
  );
});

test('an application goes to the viewer that runs already', async () => {
  const viewer = await testViewer();
  const app = dev(['--port', new URL(viewer.url).port, '--', process.execPath, 'app.mjs']);
  expect(await app.exit).toMatchObject({ code: 7 });
  expect(app.stderr()).toContain(`${viewer.url} (the keeptrace dev that runs already)`);
  expect(await getJson(`${viewer.url}/api/traces`)).toMatchObject({ held: 1, traces: [{ name: 'GET', spans: 2 }] });
  await viewer.close();
});

test('an application that a signal ends takes us along, and what cannot be started is told', async () => {
  const script = `process.on('SIGTERM', () => { console.log('told'); process.kill(process.pid, 'SIGKILL'); }); console.log('up'); setInterval(() => {}, 1000);`;
  const app = dev(['--', process.execPath, '-e', script]);
  await app.line(/^up$/);
  app.kill('SIGTERM');
  expect(await app.exit).toMatchObject({ signal: 'SIGKILL' });
  expect(app.stdout()).toContain('told');

  const missing = dev(['--', 'no-such-command']);
  expect(await missing.exit).toMatchObject({ code: 127 });
  expect(missing.stderr()).toContain('keeptrace dev: there is no command "no-such-command"');
});

test('in production it refuses, unless it is told to', async () => {
  const env = { NODE_ENV: 'production' };
  const refused = dev([], env);
  expect(await refused.exit).toMatchObject({ code: 2 });
  expect(refused.stderr()).toContain('keeptrace dev --force');
  const forced = dev(['--force'], env);
  await urlOf(forced);
  forced.kill();
  await forced.exit;
});

test('traces of the last time are there with --file, and what waits is printed and written at the end', async () => {
  const file = join(folder, 'traces.jsonl');
  const first = dev(['--file', file, '--print']);
  await send({ url: await urlOf(first) }, [span({ id: 'GET /kept' })]);
  first.kill('SIGINT');
  expect(await first.exit).toMatchObject({ signal: 'SIGINT' });
  expect(first.stdout()).toContain('GET /kept');

  const second = dev(['--file', file, '--print']);
  const url = await urlOf(second);
  await second.line(/^1 traces read from /);
  expect(await getJson(`${url}/api/traces`)).toMatchObject({ traces: [{ name: 'GET /kept' }] });
  await fetch(`${url}/api/traces`, { method: 'DELETE' });
  second.kill();
  await second.exit;
  expect(second.stdout()).not.toContain('GET /kept');
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('a browser is opened when it is asked for, and never otherwise', async () => {
  const seen = join(folder, 'opened');
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" > ${seen}.new && mv ${seen}.new ${seen}\n`, {
    mode: 0o755,
  });
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const quiet = dev([], env);
  await getJson(`${await urlOf(quiet)}/healthz`);
  const open = dev(['--open'], env);
  const url = await urlOf(open);
  while (!existsSync(seen)) await getJson(`${url}/healthz`);
  expect(readFileSync(seen, 'utf8')).toBe(`${url}\n`);
  for (const app of [quiet, open]) {
    app.kill();
    await app.exit;
  }
});

test('it ends without a word when the reader of what it prints has left', async () => {
  const app = dev(['--print']);
  const url = await urlOf(app);
  app.child.stdout!.destroy();
  let ended = false;
  app.child.once('exit', () => {
    ended = true;
  });
  for (let n = 1; !ended; n++) await send({ url }, [span({ trace: traceIdOf(n), id: 'a' })]).catch(() => {});
  expect(await app.exit).toMatchObject({ code: 0 });
  expect(app.stderr()).toBe('');
});

test('what cannot be understood is told with what may stand there', async () => {
  const app = dev(['--ratio', '10%']);
  expect(await app.exit).toMatchObject({ code: 2 });
  expect(app.stderr()).toMatch(
    /^keeptrace dev: --ratio is a number from 0 to 1, not "10%"\n\nkeeptrace dev \[options\]/,
  );
});
