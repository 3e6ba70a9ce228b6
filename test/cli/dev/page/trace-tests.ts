// One trace: waterfall, critical path, detail, search, links.
import { expect, test } from 'vitest';
import type { SpanSpec } from '../../../../scripts/shop-traces.ts';
import { computed, type PageRig, shopTrace, spanId, traceId } from './rig.ts';

const STACK =
  'RangeError: too deep\n    at dig (/srv/app/src/dig.ts:7:3)\n    at next (/srv/app/node_modules/x/y.js:1:1)';

/** shop calls cards, which fails below; stock is called at the same time and has nothing to do with it. */
const FAILING: Partial<SpanSpec> = {
  name: 'POST /orders',
  ms: 100,
  error: 'HTTP 502',
  attributes: { 'http.route': '/orders', 'shop.order': 'o-17' },
  children: [
    {
      service: 'shop',
      name: 'POST',
      kind: 'client',
      at: 10,
      ms: 80,
      error: 'HTTP 503',
      children: [
        {
          service: 'cards',
          name: 'POST /charge',
          kind: 'server',
          at: 2,
          ms: 70,
          error: 'HTTP 503',
          children: [
            {
              service: 'cards',
              name: 'authorize',
              at: 5,
              ms: 60,
              spanId: spanId(9),
              exception: { type: 'RangeError', message: 'too deep', stack: STACK },
            },
          ],
        },
      ],
    },
    { service: 'stock', name: 'reserve', at: 12, ms: 20 },
  ],
};

export function traceTests(rig: PageRig): void {
  test('the waterfall shows the tree, whose each span is, and when it ran', async () => {
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, FAILING)] });
    const rows = page.getByRole('treeitem');
    await rows.nth(4).waitFor();
    expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-level')))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '2',
    ]);
    expect(await page.locator('.span .what').allTextContents()).toEqual([
      'POST /orders',
      'POST',
      'POST /charge',
      'authorize',
      'reserve',
    ]);
    expect(await page.locator('.span .whose').allTextContents()).toEqual([
      'shop',
      'shop → cards',
      'cards',
      'cards',
      'stock',
    ]);
    const bars = await page
      .locator('.span .bar')
      .evaluateAll((all) => all.map((bar) => [bar.style.left, bar.style.width]));
    expect(bars[0]).toEqual(['0%', '100%']);
    expect(bars[4]).toEqual(['12%', '20%']);
  });

  test('each service has a colour of its own, also after a reload; a single one is painted by span name', async () => {
    const { page, send } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, FAILING)] });
    const colours = () => computed(page, '.span .bar', 'background-color');
    await page.locator('.span').nth(4).waitFor();
    const [shop, again, cards, , stock] = await colours();
    expect(again).toBe(shop);
    expect(new Set([shop, cards, stock]).size).toBe(3);
    await send(shopTrace(3, { service: 'cards' }));
    await page.reload();
    await page.locator('.trace').nth(1).waitFor();
    await page.locator('.span').nth(4).waitFor();
    expect((await colours())[2]).toBe(cards);
    await send(shopTrace(2, { children: [{ service: 'shop', name: 'work', at: 1, ms: 5 }] }));
    await page.goto(`${page.url().split('#')[0]}#${traceId(2)}`);
    await page.locator('.what', { hasText: 'work' }).waitFor();
    const [root, child] = await colours();
    expect(root).not.toBe(child);
  });

  test('the deepest error is open at once, with its stack, the frames of the app before those of others', async () => {
    const { page } = await rig.open({ traces: [shopTrace(1, FAILING)] });
    await page.locator('.trace').click();
    await page.locator('#detail h2', { hasText: 'authorize' }).waitFor();
    expect(await page.getByRole('treeitem', { selected: true }).getAttribute('data-id')).toBe(spanId(9));
    expect(await page.locator('.failure h3').textContent()).toBe('RangeError');
    expect(await page.locator('.failure .message').textContent()).toBe('too deep');
    expect(await page.locator('.stack .own').textContent()).toContain('dig');
    expect(await page.locator('.stack .foreign').textContent()).toContain('next');
    const box = await page.locator('.stack').boundingBox();
    expect(box!.y + box!.height).toBeLessThan(900);
    const resource = page.locator('#detail details', { hasText: 'Resource' });
    expect(await resource.textContent()).toContain('service.namecards');
  });

  test('a slow trace opens where the time went', async () => {
    const slow = {
      ms: 2000,
      children: [
        { service: 'shop', name: 'fast', at: 1, ms: 10 },
        { service: 'db', name: 'SELECT all', at: 20, ms: 1900 },
      ],
    };
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, slow)] });
    await page.locator('#detail h2', { hasText: 'SELECT all' }).waitFor();
    expect(await page.locator('.times dd').first().textContent()).toMatch(/^1\.90.s95.% of the trace$/);
  });

  test('the sentence over the waterfall says what production would make of it', async () => {
    const { page, send } = await rig.open({ hash: traceId(1), traces: [shopTrace(1)] });
    const sentence = page.locator('.sentence');
    await sentence.waitFor();
    expect(await sentence.textContent()).toMatch(/^Production would drop it10 % of the normal traffic is kept$/);
    await send({ ...shopTrace(1), root: { service: 'late', name: 'late failure', at: 40, ms: 2, error: 'no' } });
    await page.locator('.sentence', { hasText: 'Production keeps it' }).waitFor();
    expect(await page.locator('.span').count()).toBe(2);
  });

  test('the critical path is drawn, and stands alone on request', async () => {
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, FAILING)] });
    await page.locator('.span').nth(4).waitFor();
    expect(await page.locator('.span.critical .what').allTextContents()).toEqual([
      'POST /orders',
      'POST',
      'POST /charge',
      'authorize',
    ]);
    const faded = async () => (await computed(page, '.span .lane', 'opacity'))[4];
    expect(await faded()).toBe('1');
    await page.keyboard.press('x');
    expect(Number(await faded())).toBeLessThan(0.5);
    expect(await page.getByRole('button', { name: 'critical path' }).getAttribute('aria-pressed')).toBe('true');
  });

  test('search finds what no row shows, counts, and goes from match to match', async () => {
    const children = Array.from({ length: 300 }, (_, at) => ({
      service: 'shop',
      name: `step ${at}`,
      at: at / 10,
      ms: 1,
      attributes: { 'item.id': `i-${at % 100}` },
    }));
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, { ms: 40, children })] });
    await page.locator('.span').first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('i-77');
    await page.locator('.tally', { hasText: '1 of 3' }).waitFor();
    expect(await page.locator('#detail h2').textContent()).toBe('step 77');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.locator('#detail h2', { hasText: 'step 277' }).waitFor();
    expect(await page.locator('.span[aria-selected="true"]').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.type('STEP 12');
    await page
      .locator('.span mark', { hasText: /^step 12$/ })
      .first()
      .waitFor();
    await page.keyboard.type('nonsense');
    await page.locator('.tally', { hasText: 'none' }).waitFor();
  });

  test('a subtree can be folded, and says how much it hides', async () => {
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, FAILING)] });
    await page.locator('.span').nth(4).waitFor();
    await page.locator('.span').nth(1).locator('.twist').click();
    expect(await page.locator('.span .what').allTextContents()).toEqual(['POST /orders', 'POST', 'reserve']);
    expect(await page.locator('.span').nth(1).locator('.twist').textContent()).toBe('2');
    expect(await page.locator('.span').nth(1).getAttribute('aria-expanded')).toBe('false');
    for (const key of ['e', 'e', 'e']) await page.keyboard.press(key);
    await page.locator('.span').nth(4).waitFor();
  });

  test('links lead to other traces, and say when one is not held', async () => {
    const linked = {
      links: [
        { traceId: traceId(1), spanId: spanId(9) },
        { traceId: 'e'.repeat(32), spanId: 'f'.repeat(16) },
      ],
    };
    const { page } = await rig.open({ hash: traceId(2), traces: [shopTrace(1, FAILING), shopTrace(2, linked)] });
    const targets = page.locator('.links button.target');
    await targets.nth(1).waitFor();
    expect(await targets.nth(1).isDisabled()).toBe(true);
    expect(await targets.nth(1).textContent()).toContain('not held here');
    await targets.first().click();
    await page.locator('#detail h2', { hasText: 'authorize' }).waitFor();
    await page.waitForURL((url) => url.hash === `#${traceId(1)}/${spanId(9)}`);
    await page.goBack();
    await page.locator('.titles h1', { hasText: 'GET /things/2' }).waitFor();
  });

  test('a deep link opens the trace and the span; one that is gone is told of', async () => {
    const { page } = await rig.open({
      hash: `${traceId(1)}/${spanId(9)}`,
      traces: [shopTrace(1, FAILING), shopTrace(2)],
    });
    await page.locator('#detail h2', { hasText: 'authorize' }).waitFor();
    await page.goto(`${page.url().split('#')[0]}#${traceId(77)}`);
    await page.getByRole('heading', { name: 'This trace is not held' }).waitFor();
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await page.getByRole('heading', { name: /Production would keep 1 of these 2 traces/ }).waitFor();
  });

  test('a span whose parent is not here stands at the top and says so; a circle does no harm', async () => {
    const { page, send } = await rig.open({ traces: [shopTrace(1)] });
    const raw = (id: string, parent: string) => ({
      traceId: traceId(5),
      spanId: id,
      parentSpanId: parent,
      name: id,
      kind: 1,
      startTimeUnixNano: '1000000000',
      endTimeUnixNano: '1002000000',
    });
    const spans = [
      raw('a'.repeat(16), 'b'.repeat(16)),
      raw('b'.repeat(16), 'a'.repeat(16)),
      raw('c'.repeat(16), 'd'.repeat(16)),
    ];
    const origin = page.url().replace(/#.*/, '');
    await fetch(`${origin}v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    });
    await send(shopTrace(2));
    await page.goto(`${origin}#${traceId(5)}`);
    await page.locator('.span').nth(2).waitFor();
    expect(await page.locator('.span .orphan').count()).toBe(2);
    expect(await page.locator('.warn').textContent()).toBe('root not here');
  });
}
