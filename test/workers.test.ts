import { expect, test } from 'vitest';
import { isLibraryWorker } from '../src/workers.ts';

test.each([
  ['/app/node_modules/thread-stream/lib/worker.js', true],
  ['/app/node_modules/pino/lib/worker.js', true],
  ['C:\\app\\node_modules\\thread-stream\\lib\\worker.js', true],
  ['/app/node_modules/@scope/log-shipper/worker.mjs', true],
  ['/app/node_modules/.pnpm/thread-stream@4.0.0/node_modules/thread-stream/lib/worker.js', true],
  ['/app/node_modules/piscina/dist/worker.js', false],
  ['/app/node_modules/tinypool/dist/entry/worker.js', false],
  ['/app/src/resize-worker.ts', false],
  ['[worker eval]', false],
  [undefined, false],
])('a worker whose script is %s is a library worker: %s', (script, expected) => {
  expect(isLibraryWorker(script)).toBe(expected);
});
