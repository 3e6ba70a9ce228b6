// The list: live, marked, judged.
import { expect, test } from 'vitest';
import { computed, type PageRig, shopTrace, traceId } from './rig.ts';

export function listTests(rig: PageRig): void {
  test('a trace that arrives is shown at once, the newest on top', async () => {
    const { page, send } = await rig.open({ traces: [shopTrace(1)] });
    await page.locator('.trace', { hasText: 'GET /things/1' }).waitFor();
    await send(shopTrace(2));
    await page.locator('.trace', { hasText: 'GET /things/2' }).waitFor();
    expect(await page.locator('.trace .title').allTextContents()).toEqual(['GET /things/2', 'GET /things/1']);
  });

  test('each row says whether production would have it, and why', async () => {
    const { page } = await rig.open({
      traces: [
        shopTrace(1),
        shopTrace(2, {}, true),
        shopTrace(3, { ms: 2400 }),
        shopTrace(4, { error: 'broken' }),
        shopTrace(5, { attributes: { 'keeptrace.reason': 'manual', 'keeptrace.manual': 'large' } }),
      ],
    });
    const verdicts = page.locator('.trace .verdict');
    await verdicts.nth(4).waitFor();
    expect(await verdicts.allTextContents()).toEqual([
      'kept: manual',
      'kept: error',
      'kept: slow',
      'kept: 10\u202f%',
      'would drop',
    ]);
    const titles = await verdicts.evaluateAll((all) => all.map((one) => one.getAttribute('title')));
    expect(titles[2]).toMatch(/^production keeps it: slow, 2\.40.s > 1.s$/);
    expect(titles[4]).toMatch(/^production would drop it/);
  });

  test('an error and a slow trace stand out by sign, colour and word', async () => {
    const { page } = await rig.open({
      traces: [shopTrace(1), shopTrace(2, { error: 'no' }), shopTrace(3, { ms: 1500 })],
    });
    const [slow, failed, plain] = [0, 1, 2].map((at) => page.locator('.trace').nth(at));
    await plain!.waitFor();
    expect(await failed!.locator('.i-error').count()).toBe(1);
    expect(await slow!.locator('.i-slow').count()).toBe(1);
    expect(await plain!.locator('.i-error, .i-slow').count()).toBe(0);
    const colours = await computed(page, '.trace .took', 'color');
    expect(colours).toHaveLength(3);
    expect(new Set(colours).size).toBe(3);
    expect(await failed!.getAttribute('aria-label')).toMatch(
      /^GET \/things\/2, error, .*production keeps it: an error in shop$/,
    );
  });

  test('the ledger counts what production keeps, and shows one side alone', async () => {
    const { page, send } = await rig.open({ traces: [shopTrace(1), shopTrace(2, { error: 'no' }), shopTrace(3)] });
    const numbers = page.locator('.ledger b');
    await page.locator('.trace').nth(2).waitFor();
    expect(await numbers.allTextContents()).toEqual(['3', '1', '2']);
    await page.getByRole('button', { name: 'production keeps' }).click();
    expect(await page.locator('.trace .title').allTextContents()).toEqual(['GET /things/2']);
    await send(shopTrace(4), shopTrace(5, { ms: 3000 }));
    await page.locator('.trace', { hasText: 'GET /things/5' }).waitFor();
    expect(await numbers.allTextContents()).toEqual(['5', '2', '3']);
    await page.getByRole('button', { name: 'would drop' }).click();
    expect(await page.locator('.trace .title').allTextContents()).toEqual([
      'GET /things/4',
      'GET /things/3',
      'GET /things/1',
    ]);
  });

  test('what arrives while somebody reads waits behind "N new"', async () => {
    const { page, send } = await rig.open({ traces: [shopTrace(1), shopTrace(2)] });
    await page.locator('.trace').nth(1).click();
    await page.locator('.span').first().waitFor();
    await send(shopTrace(3), shopTrace(4));
    const pill = page.locator('.fresh');
    await pill.waitFor();
    expect(await pill.textContent()).toBe('↑ 2 new');
    expect(await page.locator('.trace').count()).toBe(2);
    await pill.click();
    await page.locator('.trace').nth(3).waitFor();
    expect(await pill.isHidden()).toBe(true);
    expect(await page.locator('.trace[aria-selected="true"]').getAttribute('data-id')).toBe(traceId(1));
  });

  test('a list that was scrolled stands still', async () => {
    const { page, send } = await rig.open({ traces: Array.from({ length: 40 }, (_, at) => shopTrace(at + 1)) });
    await page.locator('.trace').nth(10).waitFor();
    const list = page.getByRole('listbox', { name: 'Traces' });
    await list.evaluate((node) => {
      node.scrollTop = 300;
    });
    await page.locator('.trace[aria-posinset="14"]').waitFor();
    const before = await page.locator('.trace').first().getAttribute('data-id');
    await send(shopTrace(99));
    await page.locator('.fresh', { hasText: '1 new' }).waitFor();
    expect(await page.locator('.trace').first().getAttribute('data-id')).toBe(before);
    await page.keyboard.press('.');
    await page.locator('.trace', { hasText: 'GET /things/99' }).waitFor();
    expect(await list.evaluate((node) => node.scrollTop)).toBe(0);
  });

  test('pausing holds everything back, going on lets it in', async () => {
    const { page, send } = await rig.open({ traces: [shopTrace(1)] });
    await page.locator('.trace').waitFor();
    await page.keyboard.press('p');
    await send(shopTrace(2), shopTrace(1, { name: 'late child', service: 'late' }));
    await page.locator('.signal', { hasText: 'paused, 2 new' }).waitFor();
    expect(await page.locator('.trace').count()).toBe(1);
    await page.getByRole('button', { name: 'Go on (p)' }).click();
    await page.locator('.trace').nth(1).waitFor();
    expect(await page.locator('.trace').first().locator('.title').textContent()).toBe('GET /things/2');
  });

  test('a late span changes its row where it stands', async () => {
    const { page, send } = await rig.open({ traces: [shopTrace(1), shopTrace(2)] });
    await page.locator('.trace').nth(1).waitFor();
    await page.locator('.trace').first().click();
    await page.locator('.span').waitFor();
    await send({ ...shopTrace(1), root: { service: 'late', name: 'afterwards', at: 30, ms: 5, error: 'no' } });
    const row = page.locator(`#t-${traceId(1)}`);
    await row.locator('.path', { hasText: 'late' }).waitFor();
    expect(await row.getAttribute('aria-posinset')).toBe('2');
    expect(await page.locator('.fresh').isHidden()).toBe(true);
    expect(await row.locator('.verdict').textContent()).toBe('kept: error');
  });

  test('what the viewer has let go leaves the list', async () => {
    const { page, send } = await rig.open({
      viewer: { limits: { traces: 250 } },
      traces: Array.from({ length: 250 }, (_, at) => shopTrace(at + 1)),
    });
    await page.locator('.trace[aria-setsize="250"]').first().waitFor();
    await send(shopTrace(300), shopTrace(301));
    await page.locator('.trace', { hasText: 'GET /things/301' }).waitFor();
    expect(await page.locator('.trace').first().getAttribute('aria-setsize')).toBe('250');
    await page.keyboard.press('j');
    await page.keyboard.press('End');
    await page.locator('.titles h1', { hasText: /^GET .things.3$/ }).waitFor();
  });

  test('after a lost connection the list is what the viewer holds', async () => {
    const { page } = await rig.open();
    const rows = await page.evaluate<string[]>(`(async () => {
      const heard = {};
      window.EventSource = class { addEventListener(name, listener) { heard[name] = listener; } };
      const { Live } = await import('/page/live.js');
      const live = new Live();
      live.start();
      const say = (...names) => heard.snapshot({ data: JSON.stringify({ held: names.length, traces: names.map((traceId) => ({ traceId })) }) });
      say('b', 'a');
      live.read(true);
      say('c', 'b');
      live.read(false);
      return live.rows.map(({ traceId }) => traceId);
    })()`);
    expect(rows).toEqual(['c', 'b']);
  });
}
