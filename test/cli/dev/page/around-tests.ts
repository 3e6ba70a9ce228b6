// Around the traces: overview, map, compare, files, colours, the empty state.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { shopScene } from '../../../../scripts/shop-scene.ts';
import { exportRequest } from '../../../../scripts/shop-traces.ts';
import { type PageRig, shopTrace, traceId } from './rig.ts';

export function aroundTests(rig: PageRig): void {
  test('the empty page says the exact lines to paste and copies them; the first trace opens by itself', async () => {
    const { page, viewer, send } = await rig.open();
    await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
    const about = (await (await fetch(`${viewer.url}/api/about`)).json()) as { paste: Record<string, string> };
    const lines = await page.locator('.welcome code').allTextContents();
    for (const line of Object.values(about.paste)) expect(lines).toContain(line);
    await page.getByRole('button', { name: `Copy: ${about.paste.preload}` }).click();
    await page.locator('.toast').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(about.paste.preload);
    await send(shopTrace(1));
    await page.locator('.titles h1', { hasText: 'GET /things/1' }).waitFor();
  });

  test('the overview counts by reason and has a dot for each trace that opens it', async () => {
    const { page } = await rig.open({
      traces: [shopTrace(1), shopTrace(2, { error: 'no' }), shopTrace(3, { ms: 2000 }), shopTrace(4)],
    });
    await page.getByRole('heading', { name: 'Production would keep 2 of these 4 traces' }).waitFor();
    expect(await page.locator('.reasons li').allTextContents()).toEqual(['1kept: error', '1kept: slow', '2would drop']);
    expect(await page.locator('.dots circle').count()).toBe(2);
    expect(await page.locator('.dots path').getAttribute('data-count')).toBe('2');
    await page.locator('.dots circle.v-slow').click();
    await page.locator('.titles h1', { hasText: 'GET /things/3' }).waitFor();
  });

  test('the map shows who calls whom, how often and how well, and filters by service', async () => {
    const children = [{ service: 'cards', name: 'charge', at: 1, ms: 8 }];
    const { page } = await rig.open({
      hash: 'map',
      traces: [
        shopTrace(1, { children }),
        shopTrace(2, { children: [{ ...children[0]!, error: 'no' }] }),
        shopTrace(3),
      ],
    });
    await page.locator('.map .service').nth(1).waitFor();
    expect(await page.locator('.map .service strong').allTextContents()).toEqual(['shop', 'cards']);
    expect(await page.locator('.map text').textContent()).toMatch(/^2× 8.ms 1 ✕$/);
    expect(await page.locator('.map .edge.failed').count()).toBe(1);
    expect(await page.locator('.map .unseen').textContent()).toBe('shop calls cards: 2 calls, 1 error');
    await page.locator('.map .service', { hasText: 'cards' }).click();
    await page.locator('.trace').nth(2).waitFor({ state: 'detached' });
    expect(await page.locator('#filter').inputValue()).toBe('service:cards');
  });

  test('two traces are compared span by span', async () => {
    const slow = {
      name: 'GET /same',
      ms: 50,
      children: [
        { service: 'db', name: 'SELECT', at: 1, ms: 40, attributes: { rows: 900, 'db.namespace': 'shop' } },
        { service: 'shop', name: 'retry', at: 42, ms: 2 },
      ],
    };
    const fast = {
      name: 'GET /same',
      ms: 12,
      children: [{ service: 'db', name: 'SELECT', at: 1, ms: 4, attributes: { rows: 3, 'db.namespace': 'shop' } }],
    };
    const { page } = await rig.open({
      hash: traceId(2),
      traces: [shopTrace(1, fast), shopTrace(3, { name: 'other' }), shopTrace(2, slow)],
    });
    await page.locator('.span').nth(2).waitFor();
    await page.keyboard.press('c');
    await page.locator('.pair').nth(2).waitFor();
    await page.waitForURL((url) => url.hash === `#${traceId(2)}..${traceId(1)}`);
    expect(await page.locator('.pair .what').allTextContents()).toEqual(['GET /same', 'SELECT', 'retry']);
    expect((await page.locator('.pair .by').allTextContents()).map((text) => text.replace(/\s/g, ' '))).toEqual([
      '−38 ms',
      '−36 ms',
      'only in A',
    ]);
    await page.locator('.versus', { hasText: 'rows' }).waitFor();
    expect(await page.locator('.versus > div', { hasText: 'rows' }).locator('dd').allTextContents()).toEqual([
      '900',
      '3',
    ]);
    expect(await page.locator('.versus', { hasText: 'db.namespace' }).count()).toBe(0);
    await page.locator('#detail', { hasText: '1 attribute the same in both.' }).waitFor();
    await page.locator('.trace', { hasText: 'other' }).click();
    await page.locator('.card.b', { hasText: 'other' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.span').nth(2).waitFor();
  });

  test('what is saved can be read again, from the file picker and by dropping', async () => {
    const scene = shopScene();
    const wanted = scene.traces.filter((one) => [scene.failed, scene.slow].includes(one.traceId));
    const { page } = await rig.open({ hash: scene.failed, traces: wanted });
    await page.locator('.span').nth(9).waitFor();
    const saving = page.waitForEvent('download');
    await page.locator('.actions a').click();
    const path = await (await saving).path();
    const saved = await readFile(path, 'utf8');
    expect(await (await saving).suggestedFilename()).toBe(`trace-${scene.failed}.json`);

    const { page: other } = await rig.open({ viewer: {} });
    await other
      .locator('#import')
      .setInputFiles({ name: 'trace.json', mimeType: 'application/json', buffer: Buffer.from(saved) });
    await other.locator('.span').nth(9).waitFor();
    expect(await other.locator('#detail .failure h3').textContent()).toBe('GatewayTimeoutError');

    const lines = `${exportRequest([shopTrace(50)])}\n${exportRequest([shopTrace(51)])}\n`;
    await other.evaluate<void>(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(lines)}], 'traces.jsonl'));
      dispatchEvent(new DragEvent('dragover', { dataTransfer: data, cancelable: true }));
      dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
    })()`);
    await other.locator('.toast', { hasText: '2 traces imported' }).waitFor();
    await other
      .locator('#import')
      .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"a":1}') });
    await other.locator('.toast', { hasText: 'x.json: this is not OTLP/JSON' }).waitFor();
  });

  test('all of it can be forgotten, after a second thought', async () => {
    const { page } = await rig.open({ traces: [shopTrace(1)] });
    await page.locator('.trace').waitFor();
    const button = page.getByRole('button', { name: 'Forget all traces' });
    await button.click();
    expect(await button.textContent()).toBe('Forget all?');
    expect(await page.locator('.trace').count()).toBe(1);
    await button.click();
    await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
  });

  test('colours follow the system until the switch is used, which is remembered', async () => {
    const { page } = await rig.open({ scheme: 'dark', traces: [shopTrace(1)] });
    const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await ground();
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    expect(await ground()).toBe(dark);
    await page.reload();
    await page.locator('.trace').waitFor();
    expect(await ground()).toBe(dark);
  });

  test('a lost connection is told of, and taken up again', async () => {
    const { page, viewer } = await rig.open({ viewer: {}, traces: [shopTrace(1)] });
    await page.locator('.trace').waitFor();
    await viewer.close();
    await page.locator('.signal.off', { hasText: 'connection lost' }).waitFor();
    expect(await page.locator('.trace').count()).toBe(1);
  });
}
