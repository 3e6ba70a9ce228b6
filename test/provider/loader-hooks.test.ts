import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { packageOf } from '../../src/provider/loader-hooks.ts';
import { runApp } from '../support/processes.ts';

test.each([
  ['file:///app/node_modules/koa/lib/application.js', 'koa'],
  ['file:///app/node_modules/@koa/router/dist/index.mjs', '@koa/router'],
  ['file:///app/node_modules/a/node_modules/b/index.js', 'b'],
  ['file:///app/node_modules/.pnpm/koa@3.0.0/node_modules/koa/index.js', 'koa'],
  ['file:///app/src/koa/index.js', ''],
  ['node:http', ''],
])('%s belongs to package %j', (url, expected) => {
  expect(packageOf(url)).toBe(expected);
});

const folder = mkdtempSync(join(tmpdir(), 'keeptrace-hooks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `seeImports(['express', 'koa'])` gives in a process where `before` ran first. */
async function seen(before: string): Promise<string> {
  const preload = join(folder, 'before.cjs');
  writeFileSync(preload, `const loader = require('node:module'); ${before}`);
  const script = join(folder, 'app.mjs');
  const hooks = pathToFileURL(join(import.meta.dirname, '../../src/provider/loader-hooks.ts'));
  writeFileSync(script, `import { seeImports } from '${hooks}'; console.log(seeImports(['express', 'koa']));`);
  const app = runApp({ args: ['--require', preload, script] });
  expect([await app.exit, app.stderr()]).toMatchObject([{ code: 0 }, '']);
  return app.stdout().trim();
}

const refuse = "() => { throw new Error('Access to this API has been restricted\\nsecond line'); };";

test('imports are seen without a word', async () => {
  expect(await seen('')).toBe('undefined');
});

test('a Node that refuses loader hooks is told in a sentence, and nothing is thrown', async () => {
  expect(
    await seen(
      `loader.registerHooks = ${refuse} loader.register = loader.registerHooks; loader.syncBuiltinESMExports();`,
    ),
  ).toBe(
    'import of express, koa is not seen: Access to this API has been restricted; what is loaded by require is, and the app is not affected.',
  );
});

test('built-ins that cannot be patched do not keep packages from being hooked', async () => {
  const broken = `const load = loader._load; loader._load = function (name) {
    if (name === 'node:https') throw new Error('no TLS here');
    return load.apply(this, arguments);
  };`;
  expect(await seen(broken)).toMatch(/^import of node:http and node:https is not seen: no TLS here; [^;]*\.$/);
});
