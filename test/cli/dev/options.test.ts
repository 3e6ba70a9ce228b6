import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appEnvironment } from '../../../src/cli/dev/app-environment.ts';
import { bannerText } from '../../../src/cli/dev/banner.ts';
import { readOptions } from '../../../src/cli/dev/options.ts';
import { pasteLines, scriptOf, sendsElsewhere } from '../../../src/cli/dev/paste.ts';

test('without options', () => {
  expect(readOptions([])).toEqual({
    help: false,
    port: undefined,
    limit: 500,
    ratio: 0.1,
    slowMs: 1000,
    file: undefined,
    print: false,
    open: false,
    force: false,
    command: [],
  });
});

test('all of them, and a command whose own options stay its own', () => {
  const args = [
    '-p',
    '0',
    '--limit=7',
    '--ratio',
    '0.5',
    '--slow-ms',
    '250',
    '--file',
    't.jsonl',
    '--print',
    '--open',
    '--no-print',
    '--force',
  ];
  expect(readOptions([...args, '--', 'node', '--port', '3', '--', 'x'])).toEqual({
    help: false,
    port: 0,
    limit: 7,
    ratio: 0.5,
    slowMs: 250,
    file: 't.jsonl',
    print: false,
    open: true,
    force: true,
    command: ['node', '--port', '3', '--', 'x'],
  });
});

test.each([
  [['--port', '70000'], '--port is a whole number from 0 to 65535, not "70000"'],
  [['--ratio', '10%'], '--ratio is a number from 0 to 1, not "10%"'],
  [['--limit', '1.5'], '--limit is a whole number from 1 to 100000, not "1.5"'],
  [['--slow-ms', ''], '--slow-ms is a number from 1 to 86400000, not ""'],
  [['--frob'], "Unknown option '--frob'. To run an application, put -- before it: keeptrace dev -- node server.js"],
  [['node', 'app.js'], "Unexpected argument 'node'"],
  [['--'], 'after -- stands the command to run: keeptrace dev -- node server.js'],
])('%j is told off', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('the application gets what it needs, and nothing leads its traces elsewhere', () => {
  const env = {
    HOME: '/home/me',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://real.example',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://real.example',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
    OTEL_SDK_DISABLED: 'true',
    OTEL_SERVICE_NAME: 'shop',
    NODE_OPTIONS: '--enable-source-maps',
  };
  expect(appEnvironment(env, 'http://localhost:4319', 'file:///a%20b/register.js')).toEqual({
    HOME: '/home/me',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4319',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_TRACES_SAMPLER: 'always_on',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    NODE_OPTIONS: '--enable-source-maps --import file:///a%20b/register.js',
  });
  const preloaded = { NODE_OPTIONS: '--import keeptrace/register' };
  expect(appEnvironment(preloaded, 'http://localhost:4318', 'file:///x').NODE_OPTIONS).toBe(
    '--import keeptrace/register',
  );
});

test('the line to paste says the address where the default would not lead here', () => {
  const preload = (url: string, more = {}) => pasteLines({ url, ...more }).preload;
  expect(preload('http://localhost:4318')).toBe('node --import keeptrace/register server.js');
  expect(preload('http://localhost:4318', { script: 'src/app.ts' })).toBe(
    'node --import keeptrace/register src/app.ts',
  );
  const said = 'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4319 node --import keeptrace/register server.js';
  expect(preload('http://localhost:4319')).toBe(said);
  expect(preload('http://localhost:4318', { elsewhere: true })).toBe(said.replace('4319', '4318'));
  expect(sendsElsewhere({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://real.example' }, 'http://localhost:4318')).toBe(true);
  expect(sendsElsewhere({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318/' }, 'http://localhost:4318')).toBe(
    false,
  );
  expect(sendsElsewhere({}, 'http://localhost:4318')).toBe(false);
});

test.each<[object, string[], string | undefined]>([
  [
    { scripts: { start: 'NODE_ENV=x node --enable-source-maps dist/server.js --verbose' } },
    ['dist/server.js', 'app.js'],
    'dist/server.js',
  ],
  [{ scripts: { dev: 'node src/app.ts' }, main: 'index.js' }, ['src/app.ts', 'index.js'], 'src/app.ts'],
  [{ scripts: { start: 'next start' }, main: './shop.cjs' }, ['shop.cjs'], './shop.cjs'],
  [{ scripts: { start: 'node dist/main.js' } }, ['src/main.ts'], 'src/main.ts'],
  [{ main: 'index.js' }, ['server.js'], 'server.js'],
  [{ main: 'index.js' }, [], undefined],
  [{ main: 'dist/index.js', exports: './dist/index.js' }, ['dist/index.js'], undefined],
  [{ main: 'a.js; rm -rf .js' }, ['a.js; rm -rf .js'], undefined],
  [{}, ['app.mjs'], 'app.mjs'],
])('the script of %j with %j is %s', (json, files, script) => {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-dev-'));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(json));
  expect(scriptOf(folder)).toBe(script);
  rmSync(folder, { recursive: true });
  expect(scriptOf(folder)).toBeUndefined();
});

describe('the first lines', () => {
  const facts = {
    version: '1.0.0',
    url: 'http://localhost:4318',
    insteadOf: undefined,
    script: 'app.js',
    elsewhere: false,
    installed: true,
  };

  test('the first lines hold the address and the exact line to paste', () => {
    expect(bannerText(facts)).toBe(`keeptrace dev 1.0.0: http://localhost:4318

Start your application like this, in a terminal of its own:

  node --import keeptrace/register app.js

Or let this command start it:  npx keeptrace dev -- node app.js
Any OpenTelemetry SDK:         OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318
`);
  });

  test('what is not installed is to be installed first', () => {
    expect(bannerText({ ...facts, installed: false })).toContain(
      '\n  npm install keeptrace @opentelemetry/api\n  node --import',
    );
  });

  test('a port taken by another program is told of, with the line that leads here all the same', () => {
    const text = bannerText({ ...facts, url: 'http://localhost:4319', insteadOf: 4318 });
    expect(text).toContain('Port 4318 is taken by another program');
    expect(text).toContain(
      '\n  OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4319 node --import keeptrace/register app.js\n',
    );
  });
});
