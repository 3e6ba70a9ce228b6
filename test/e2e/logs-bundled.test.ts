// The ways of docs/logs.md for an app in one file, as esbuild makes it.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linesOf, runLogApp, spanOf } from './logs-rig.ts';

// Within the repository, so that keeptrace is found from there.
const folder = mkdtempSync(join(import.meta.dirname, 'fixtures/logs/bundled-'));
beforeAll(async () => {
  const entry = (options: string) => `
    import { traceFields, withSpan } from 'keeptrace';
    import pino from 'pino';
    const log = pino({ ${options} });
    withSpan('work of pino', () => log.info({ logger: 'pino', where: 'inside' }));`;
  const bundle = (name: string, options: string, external: string[]) =>
    build({
      stdin: { contents: entry(options), resolveDir: import.meta.dirname },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['keeptrace', ...external],
      outfile: join(folder, `${name}.cjs`),
      logLevel: 'error',
    });
  await bundle('inside', '', []);
  await bundle('by-hand', 'mixin: () => traceFields()', []);
  await bundle('outside', '', ['pino']);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['inside the bundle has no ids', 'inside', false],
  ['inside the bundle has those that its mixin gives', 'by-hand', true],
  ['left out of the bundle has them', 'outside', true],
])('a logger %s', async (_, name, expected) => {
  const logged = await runLogApp({ script: join(folder, `${name}.cjs`), flag: '--import' });
  const { traceId, spanId } = spanOf(logged, 'pino');
  const { trace_id, span_id, where } = linesOf(logged, 'pino').inside ?? {};
  expect([where, trace_id, span_id]).toEqual(['inside', ...(expected ? [traceId, spanId] : [undefined, undefined])]);
});
