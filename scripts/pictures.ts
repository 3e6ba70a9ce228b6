// `npm run pictures`: docs/pictures/*.png, taken from the real page with the traces of a small shop. Needs a Chromium.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { pasteLines } from '../src/cli/dev/paste.ts';
import { startViewer } from '../src/cli/dev/viewer.ts';
import { findChromium } from './find-chromium.ts';
import { SCENE_START, type Scene, shopScene } from './shop-scene.ts';
import { exportRequest } from './shop-traces.ts';
import { smallPng } from './small-png.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const MOST_BYTES = 150 * 1024;
const WINDOW = { width: 1440, height: 900 };

interface Picture {
  name: string;
  schemes: ('light' | 'dark')[];
  hash(scene: Scene): string;
  /** Nothing has come yet. */
  empty?: boolean;
  /** There once the picture is complete. */
  ready: string;
  prepare?(page: Page): Promise<void>;
}

const BOTH: Picture['schemes'] = ['light', 'dark'];
const PICTURES: Picture[] = [
  { name: 'overview', schemes: BOTH, hash: () => '', ready: '.map .service' },
  { name: 'error', schemes: BOTH, hash: ({ failed }) => failed, ready: '.stack' },
  { name: 'trace', schemes: BOTH, hash: ({ order }) => order, ready: '.span' },
  { name: 'compare', schemes: BOTH, hash: ({ slow }) => slow, ready: '.span', prepare: compare },
  { name: 'search', schemes: ['light'], hash: ({ order }) => order, ready: '.span', prepare: search },
  { name: 'filter', schemes: ['light'], hash: () => '', ready: '.map .service', prepare: filter },
  { name: 'empty', schemes: BOTH, hash: () => '', empty: true, ready: '.welcome' },
];

async function compare(page: Page): Promise<void> {
  await page.keyboard.press('c');
  await page.locator('.versus').waitFor();
  await page.locator('.toast').waitFor({ state: 'detached' });
}

async function search(page: Page): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.type('sqs');
  await page.locator('.tally', { hasText: 'of' }).waitFor();
  await page.keyboard.press('Enter');
}

async function filter(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'production keeps' }).click();
  await page.getByLabel('Attribute to show in each row').fill('shop.order');
  await page.getByLabel('Attribute to show in each row').press('Enter');
  await page.locator('.trace .column').first().waitFor();
  await page.locator('.overview').click({ position: { x: 600, y: 8 } });
}

async function take(browser: Browser, { name, schemes, hash, empty = false, ready, prepare }: Picture): Promise<void> {
  const scene = shopScene();
  for (const scheme of schemes) {
    const start = await startViewer({
      version: '0.1.0',
      port: 0,
      exactPort: true,
      limits: { traces: 500 },
      ratio: 0.1,
      slowMs: 1000,
      paste: { script: 'server.js' },
      warn: () => {},
    });
    if (start.kind !== 'started') throw new Error('no viewer could be started: is another one running?');
    const { viewer } = start;
    for (const trace of empty ? [] : scene.traces) {
      const headers = { 'content-type': 'application/json' };
      await fetch(`${viewer.url}/v1/traces`, { method: 'POST', headers, body: exportRequest([trace]) });
    }
    const context = await browser.newContext({
      viewport: WINDOW,
      colorScheme: scheme,
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
      locale: 'en',
    });
    const page = await context.newPage();
    await page.route('**/api/about', async (route) => {
      const about = await (await route.fetch()).json();
      // The port that it would have.
      const url = 'http://localhost:4318';
      await route.fulfill({ json: { ...about, url, paste: pasteLines({ url, script: 'server.js' }) } });
    });
    await page.clock.setSystemTime(SCENE_START + 300_000);
    // Once for the colours, which are handed out in the order of the list, and then as it is meant.
    await page.goto(`${viewer.url}/`);
    await page
      .locator(empty ? '.welcome' : '.trace')
      .first()
      .waitFor();
    await page.goto(`${viewer.url}/#${hash(scene)}`);
    await page.locator(ready).first().waitFor();
    await prepare?.(page);
    await page.waitForTimeout(400);
    const path = `${FOLDER}${name}-${scheme}.png`;
    writeFileSync(path, await smaller(context, await page.screenshot()));
    await context.close();
    await viewer.close();
    const { size } = statSync(path);
    console.log(`${name}-${scheme}.png  ${(size / 1024).toFixed(0)} KiB`);
    if (size > MOST_BYTES) throw new Error(`${name}-${scheme}.png is larger than ${MOST_BYTES / 1024} KiB`);
  }
}

/** The browser reads the pixels, which saves a decoder. */
async function smaller(context: BrowserContext, png: Buffer): Promise<Buffer> {
  const page = await context.newPage();
  const pixels = await page.evaluate<string>(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png.toString('base64')}';
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const drawing = canvas.getContext('2d');
    drawing.drawImage(image, 0, 0);
    const { data } = drawing.getImageData(0, 0, image.width, image.height);
    let text = '';
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
    return btoa(text);
  })()`);
  await page.close();
  return smallPng(Buffer.from(pixels, 'base64'), WINDOW.width, WINDOW.height);
}

const executablePath = findChromium();
if (executablePath === undefined) {
  console.error('keeptrace: no Chromium was found; install one, or name it in CHROMIUM_PATH');
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const picture of PICTURES) await take(browser, picture);
await browser.close();
