// What the package carries for its commands, which no application loads.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';
import { runApp } from '../support/processes.ts';
import { getJson, send, span } from './dev/rig.ts';

const dist = join(import.meta.dirname, '../../dist');
const LIBRARY = ['index', 'register', 'messaging', 'testing', 'init-tracing'];

/** Files that are loaded by one of these, by `import` or `require` at the top or on demand. */
function loadedBy(format: string, entries: string[]): Set<string> {
  const loaded = new Set(entries.map((name) => `${format}/${name}.js`));
  for (const file of loaded) {
    const text = readFileSync(join(dist, file), 'utf8');
    for (const [, other] of text.matchAll(/["'`]\.\/([\w.-]+\.js)["'`]/g)) loaded.add(`${format}/${other}`);
  }
  return loaded;
}

const library = new Set(['esm', 'cjs'].flatMap((format) => [...loadedBy(format, LIBRARY)]));
/** All that is built and that no application loads, whatever it is called. */
const added = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !/\.d\.ts$|^package\.json$|^THIRD-PARTY-LICENSES\.txt$/.test(entry.name))
  .map((entry) => relative(dist, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  .filter((file) => !library.has(file));

test('the viewer, its page, all other commands and the probe add at most 132 KB', () => {
  expect(added).toEqual(expect.arrayContaining(['esm/cli.js', 'cjs/doctor-probe.js', 'page/page.js.br']));
  expect(added.filter((file) => /^esm\/command-.*\.js$/.test(file))).toHaveLength(2);
  const bytes = added.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
  expect(bytes).toBeGreaterThan(60_000);
  expect(bytes).toBeLessThanOrEqual(132_000);
});

test('the library loads none of it', () => {
  expect([...library].filter((file) => /\/(?:cli\.|command-|doctor-)/.test(file))).toEqual([]);
  expect(library).toContain('esm/init-tracing.js');
  expect(library).toContain('cjs/init-tracing.js');
});

test.runIf(findChromium() !== undefined)(
  'the page as it is packed shows a trace, and its console is clean',
  async () => {
    const app = runApp({ args: ['dist/esm/cli.js', 'dev', '--port', '0'] });
    const url = /http:\/\/\S+/.exec(await app.line(/^keeptrace dev \S+: http/))![0];
    expect(await getJson(`${url}/healthz`)).toMatchObject({ name: 'keeptrace dev' });
    const browser = await chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox'] });
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(url);
    await send({ url }, [span({ id: 'POST /orders', over: { name: 'POST /packed-orders' } })]);
    await page.getByText('POST /packed-orders').first().waitFor();
    expect(problems).toEqual([]);
    await browser.close();
    app.kill();
    await app.exit;
  },
);
