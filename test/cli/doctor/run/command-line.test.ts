import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { envFilesOf, readCommand } from '../../../../src/cli/doctor/run/command-line.ts';
import { doctorEnvironment, preloadFlag } from '../../../../src/cli/doctor/run/environment.ts';
import { startsTracing } from '../../../../src/cli/doctor/run/source.ts';
import { makeApp } from './apps.ts';

const folder = realpathSync(
  makeApp({
    files: {
      'server.js': `import './lib/start.js'; import('./lib/' + name);`,
      'lib/start.ts': `import { initTracing } from "keeptrace";\ninitTracing();`,
      'manual.cjs': `const { withSpan } = require('keeptrace'); require('./server.js/missing');`,
      'first.cjs': `require('keeptrace/register'); require('express');`,
      'package.json': JSON.stringify({
        scripts: {
          start: 'node --enable-source-maps -r ./hook.cjs manual.cjs --port 1',
          env: 'node --env-file=a.env server.js',
          traced: 'node --import keeptrace/register server.js',
        },
      }),
    },
  }),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [['node', 'server.js'], 'server.js', false],
  [['/usr/bin/node', '--import', 'keeptrace/register', './server'], 'server.js', true],
  [['node', '--require=./node_modules/keeptrace/dist/cjs/register.js', 'manual.cjs', 'server.js'], 'manual.cjs', true],
  [['npm', 'start'], 'manual.cjs', false],
  [['npm', 'run', '--silent', 'traced'], 'server.js', true],
  [['npm', 'run', 'nothing'], undefined, false],
  [['node', '-e', '0'], undefined, false],
  [['sh', '-c', 'node server.js'], undefined, false],
])('%j: the entry is %s', (command, entry, preloads) => {
  const expected = entry === undefined ? undefined : join(folder, entry);
  expect(readCommand(command, {}, folder)).toEqual({ entry: expected, preloads });
});

test.each([
  [
    ['node', '--env-file=a.env', '--env-file', 'b.env', 'server.js'],
    ['a.env', 'b.env'],
  ],
  [
    ['node', '--import', 'x', '--env-file-if-exists=first.cjs', '--env-file-if-exists=none.env', 'server.js'],
    ['first.cjs'],
  ],
  [['node', 'server.js', '--env-file=of-the-app.env'], []],
  [['npm', 'run', 'env'], ['a.env']],
  [['sh', '-c', 'node'], []],
])('%j reads variables from %j', (command, files) => {
  expect(envFilesOf(command, folder)).toEqual(files);
});

test('a preload in NODE_OPTIONS is one', () => {
  expect(readCommand(['node', 'server.js'], { NODE_OPTIONS: '--import keeptrace/register' }, folder).preloads).toBe(
    true,
  );
});

test.each([
  ['server.js', true],
  ['first.cjs', true],
  ['manual.cjs', false],
])('%s starts tracing: %s', (name, expected) => {
  expect(startsTracing(join(folder, name))).toBe(expected);
});

test('the environment of the app changes in nothing but where traces go', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318',
    OTEL_TRACES_SAMPLER: 'always_off',
    NODE_OPTIONS: '--max-old-space-size=64',
    KEEPTRACE_SPOOL_DIR: '/var/spool/keeptrace',
  };
  expect(doctorEnvironment(env, { url: 'http://127.0.0.1:1', probe: '/a b/probe.cjs', preload: '--import x' })).toEqual(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_SAMPLER: 'always_off',
      NODE_OPTIONS: '--require "/a b/probe.cjs" --import x --max-old-space-size=64',
    },
  );
  expect(env.KEEPTRACE_SPOOL_DIR).toBe('/var/spool/keeptrace');
});

test('a CommonJS entry in TypeScript is preloaded by --require', () => {
  expect(preloadFlag('/k', join(folder, 'lib/start.ts'))).toBe('--require /k/dist/cjs/register.js');
  expect(preloadFlag('/k', join(folder, 'server.js'))).toBe('--import file:///k/dist/esm/register.js');
});
