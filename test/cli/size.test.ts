// What the package carries for its commands, which no application loads.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { findChromium } from '../../scripts/find-chromium.ts';
import { runApp } from '../support/processes.ts';
import { getJson, send, span } from './dev/rig.ts';

const dist = join(import.meta.dirname, '../../dist');
const LIBRARY = ['index', 'register', 'messaging', 'testing', 'init-tracing'];

/** Files that are loaded by one of these, by `import` at the top or on demand. */
function loadedBy(entries: string[]): Set<string> {
  const loaded = new Set(entries.map((name) => `${name}.js`));
  for (const file of loaded) {
    const text = readFileSync(join(dist, 'esm', file), 'utf8');
    for (const [, other] of text.matchAll(/["'`]\.\/([\w.-]+\.js)["'`]/g)) loaded.add(other!);
  }
  return loaded;
}

const page = readdirSync(join(dist, 'page')).map((file) => `../page/${file}`);

/** Bytes of what these files are and load, as far as no application loads it. */
function bytesOf(entries: string[], others: string[]): number {
  const library = loadedBy(LIBRARY);
  const code = [...loadedBy(entries)].filter((file) => !library.has(file));
  return [...code, ...others].reduce((sum, file) => sum + statSync(join(dist, 'esm', file)).size, 0);
}

test('the viewer with its page is at most 70 KB, and at most 130 KB are all commands', () => {
  const isViewer = (file: string) => readFileSync(join(dist, 'esm', file), 'utf8').includes('x-frame-options');
  const viewer = readdirSync(join(dist, 'esm')).filter((file) => file.endsWith('.js') && isViewer(file));
  expect(viewer).toHaveLength(1);
  const entry = viewer.map((file) => file.replace(/\.js$/, ''));
  expect(bytesOf(entry, page)).toBeGreaterThan(40_000);
  expect(bytesOf(entry, ['cli.js', ...page])).toBeLessThanOrEqual(70_000);
  expect(bytesOf(['cli'], page)).toBeLessThanOrEqual(130_000);
});

test('the library loads none of it', () => {
  const library = loadedBy(LIBRARY);
  expect([...library].filter((file) => /^(?:cli\.|command-)/.test(file))).toEqual([]);
  expect(library).toContain('init-tracing.js');
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
