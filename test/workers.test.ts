import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLibraryWorker, isOwnCommand, isPackageManager } from '../src/workers.ts';

test.each([
  ['/app/node_modules/thread-stream/lib/worker.js', true],
  ['/app/node_modules/pino/lib/worker.js', true],
  ['C:\\app\\node_modules\\thread-stream\\lib\\worker.js', true],
  ['/app/node_modules/@scope/log-shipper/worker.mjs', true],
  ['/app/node_modules/.pnpm/thread-stream@4.0.0/node_modules/thread-stream/lib/worker.js', true],
  ['/app/node_modules/piscina/dist/worker.js', false],
  ['/app/node_modules/tinypool/dist/entry/worker.js', false],
  ['/app/node_modules/vitest/dist/workers/threads.js', false],
  ['/app/src/resize-worker.ts', false],
  ['[worker eval]', false],
  [undefined, false],
])('a worker whose script is %s is a library worker: %s', (script, expected) => {
  expect(isLibraryWorker(script)).toBe(expected);
});

test.each([
  ['/usr/lib/node_modules/npm/bin/npm-cli.js', true],
  ['/usr/lib/node_modules/npm/bin/npx-cli.js', true],
  ['C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js', true],
  ['/usr/share/nodejs/npm/bin/npm-cli.js', true],
  ['/usr/lib/node_modules/corepack/dist/yarn.js', true],
  ['/usr/lib/node_modules/corepack/dist/corepack.js', true],
  ['/root/.cache/node/corepack/v1/pnpm/9.15.0/bin/pnpm.cjs', true],
  ['/opt/yarn-v1.22.22/bin/yarn.js', true],
  ['/app/.yarn/releases/yarn-4.6.0.cjs', true],
  ['/app/node_modules/pm2/lib/ProcessContainerFork.js', false],
  ['/app/node_modules/next/dist/bin/next', false],
  ['/app/node_modules/.bin/shop', false],
  ['/usr/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js', false],
  ['/app/src/yarn.js', false],
  ['/app/npm/index.js', false],
  ['[eval]', false],
  [undefined, false],
])('a main script %s is a package manager: %s', (script, expected) => {
  expect(isPackageManager(script)).toBe(expected);
});

test('the command of keeptrace is known by its package, and an app with a file of that name is not taken for it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-command-'));
  mkdirSync(join(folder, 'dist/esm'), { recursive: true });
  const file = join(folder, 'dist/esm/cli.js');
  const link = join(folder, 'keeptrace');
  writeFileSync(file, '');
  symlinkSync(file, link);
  expect(isOwnCommand(file)).toBe(false);
  for (const [name, expected] of [
    ['keeptrace', true],
    ['shop', false],
  ] as const) {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name }));
    expect([isOwnCommand(file), isOwnCommand(link), isOwnCommand(join(folder, 'package.json'))]).toEqual([
      expected,
      expected,
      false,
    ]);
  }
  expect(isOwnCommand(undefined)).toBe(false);
  rmSync(folder, { recursive: true });
});
