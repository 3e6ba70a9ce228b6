import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';
import { startTracing } from '../../src/init-tracing.ts';
import { withSpan } from '../../src/span/with-span.ts';
import { captureSpans } from '../../src/testing/capture-spans.ts';
import { patchLoaded } from '../../src/testing/patch-loaded.ts';
import { useConductor } from '../../src/testing/quiet-tracing.ts';
import { spanTree } from '../../src/testing/span-tree.ts';

const require = createRequire(import.meta.url);
const koa = require('koa');
const pg = require('pg') as typeof import('pg');
useConductor({ startTracing });

test('a library that was loaded before tracing makes spans in a capture', async () => {
  const client = new pg.Client({ host: '127.0.0.1', port: 9, database: 'shop' });
  // Not connected: the query waits, and its span with it.
  const spans = await captureSpans(() => withSpan('load', () => void client.query('SELECT 1 FROM orders')), {
    timeoutMs: 20,
  });
  expect(spanTree(spans, { durations: false, services: false })).toBe(
    'load\n└─ SELECT orders   postgresql  ? not ended',
  );
});

type Call = [name: string, exports: unknown, folder: string | undefined];
function instrumentation(modules: { name: string; moduleExports?: unknown; files?: unknown[] }[]) {
  const calls: Call[] = [];
  const fake = {
    _modules: modules,
    _onRequire(_: unknown, exports: unknown, name: string, folder?: string) {
      calls.push([name, exports, folder]);
      return exports;
    },
  };
  return { calls, list: [fake as unknown as Instrumentation] };
}

test('main file, named inner files and built-ins are patched, and nothing else', () => {
  const inner = join('koa', 'lib', 'request.js');
  const { calls, list } = instrumentation([
    { name: 'koa', files: [{ name: inner }] },
    { name: 'node:zlib' },
    { name: 'never-heard-of' },
  ]);
  patchLoaded(list);
  const folder = join(require.resolve('koa/package.json'), '..');
  const seen = Object.fromEntries(calls.map(([name, exports, folder]) => [name, { exports, folder }]));
  expect(Object.keys(seen).sort()).toEqual(['koa', inner, 'node:zlib'].sort());
  expect([seen.koa?.folder, seen[inner]?.folder, seen['node:zlib']?.folder]).toEqual([folder, folder, undefined]);
  expect(seen.koa?.exports === koa).toBe(true);
  expect(seen[inner]?.exports === require('koa/lib/request.js')).toBe(true);
});

test('a module that is loaded anew is patched anew, and only then', () => {
  const { calls, list } = instrumentation([{ name: 'koa' }]);
  const file = require.resolve('koa');
  patchLoaded(list);
  patchLoaded(list);
  expect(calls.length).toBe(1);
  delete require.cache[file];
  require('koa');
  require('bunyan');
  patchLoaded(list);
  expect(calls.length).toBe(2);
});

test('what the hooks have patched on its way in is left alone', () => {
  const { calls, list } = instrumentation([
    { name: 'express', moduleExports: {} },
    { name: 'node:http', moduleExports: {} },
  ]);
  require('express');
  patchLoaded(list);
  expect(calls).toEqual([]);
});

test('an instrumentation that fails, or is of another kind, does no harm', () => {
  const failing = {
    _modules: [{ name: 'node:dns' }, { name: 'winston' }],
    _onRequire() {
      throw new Error('no');
    },
  };
  require('winston');
  expect(() => patchLoaded([failing, {}] as unknown as Instrumentation[])).not.toThrow();
});
