// One browser for all tests of the page; each test has a viewer of its own, fed over the wire as applications do it.
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../../../scripts/find-chromium.ts';
import { exportRequest, randomFrom, type SpanSpec, type TraceSpec } from '../../../../scripts/shop-traces.ts';
import { startViewer, type Viewer, type ViewerOptions } from '../../../../src/cli/dev/viewer.ts';

export const CHROMIUM = findChromium();

export interface Opened {
  viewer: Viewer;
  page: Page;
  /** What went wrong in the page: exceptions, errors on its console. */
  problems: string[];
  /** Addresses that the page asked for outside of its own origin. */
  strangers: string[];
  send(...traces: TraceSpec[]): Promise<void>;
}

export interface OpenOptions {
  hash?: string;
  scheme?: 'light' | 'dark';
  width?: number;
  height?: number;
  viewer?: Partial<ViewerOptions>;
  /** Without the policy that would stop scripts of others. */
  bypassCSP?: boolean;
  /** Sent before the page is opened. */
  traces?: TraceSpec[];
}

export const START = Date.UTC(2026, 0, 5, 12, 0, 0);

/** Ends in zeros, which no ratio but 1 keeps; `kept` ones any ratio would keep. */
export const traceId = (number: number, kept = false): string =>
  number
    .toString(16)
    .padStart(8, '0')
    .padEnd(16, 'a')
    .padEnd(32, kept ? 'f' : '0');
export const spanId = (number: number): string => number.toString(16).padStart(16, 'b');

export function shopTrace(number: number, root: Partial<SpanSpec> = {}, kept = false): TraceSpec {
  return {
    traceId: traceId(number, kept),
    startMs: START + number * 1000,
    root: { service: 'shop', name: `GET /things/${number}`, kind: 'server', at: 0, ms: 20, ...root },
  };
}

/** What a test asks for beyond an empty viewer in a light window of the usual size has to be set up for it alone. */
const isPlain = ({ scheme, width, height, viewer }: OpenOptions) =>
  scheme === undefined && width === undefined && height === undefined && viewer === undefined;

/** Looked up and read in one go: an element that was drawn anew in between has no style any more. */
export function computed(page: Page, selector: string, property: string): Promise<string[]> {
  return page
    .locator('body')
    .evaluate(
      (body, [selector, property]) =>
        [...body.querySelectorAll(selector!)].map((one) =>
          body.ownerDocument.defaultView!.getComputedStyle(one).getPropertyValue(property!),
        ),
      [selector, property],
    );
}

export class PageRig {
  #browser: Browser | undefined;
  #shared: Opened | undefined;
  readonly #own: { close(): Promise<unknown> }[] = [];

  async start(): Promise<void> {
    this.#browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
  }

  async open(options: OpenOptions = {}): Promise<Opened> {
    const opened = isPlain(options) ? await this.#emptied() : await this.#prepare(options, this.#own);
    const { viewer, page } = opened;
    await send(viewer.url, options.traces ?? []);
    await page.goto(`${viewer.url}/${options.hash ? `#${options.hash}` : ''}`);
    await page.locator('.signal', { hasText: 'live' }).waitFor();
    return opened;
  }

  /** What only the last test used. */
  async clean(): Promise<void> {
    await Promise.all(this.#own.splice(0).map((one) => one.close()));
  }

  async stop(): Promise<void> {
    await this.clean();
    await this.#browser?.close();
    await this.#shared?.viewer.close();
  }

  async #emptied(): Promise<Opened> {
    if (this.#shared === undefined) {
      this.#shared = await this.#prepare({}, []);
      return this.#shared;
    }
    const { viewer, page, problems, strangers } = this.#shared;
    await page.goto('about:blank');
    await fetch(`${viewer.url}/api/traces`, { method: 'DELETE' });
    problems.length = 0;
    strangers.length = 0;
    return this.#shared;
  }

  async #prepare(options: OpenOptions, own: { close(): Promise<unknown> }[]): Promise<Opened> {
    const start = await startViewer({
      version: '1.2.3',
      port: 0,
      exactPort: true,
      limits: { traces: 500 },
      ratio: 0.1,
      slowMs: 1000,
      warn: () => {},
      ...options.viewer,
    });
    if (start.kind !== 'started') throw new Error(`the viewer did not start: ${JSON.stringify(start)}`);
    const { viewer } = start;
    const context = await this.#browser!.newContext({
      viewport: { width: options.width ?? 1400, height: options.height ?? 900 },
      colorScheme: options.scheme ?? 'light',
      reducedMotion: 'reduce',
      bypassCSP: options.bypassCSP ?? false,
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    own.push(viewer, context);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const problems: string[] = [];
    const strangers: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error.stack ?? error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${viewer.url}/`) && !url.startsWith('data:')) strangers.push(url);
    });
    return { viewer, page, problems, strangers, send: (...more) => send(viewer.url, more) };
  }
}

/** Spans of two exports must not have the same ids by chance. */
let sent = 0;

async function send(url: string, traces: readonly TraceSpec[]): Promise<void> {
  for (let at = 0; at < traces.length; at += 500) {
    const part = traces.slice(at, at + 500);
    const response = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: exportRequest(part, randomFrom(++sent)),
    });
    if (!response.ok) throw new Error(`the viewer refused: ${response.status} ${await response.text()}`);
  }
}
