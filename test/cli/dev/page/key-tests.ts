// Without a mouse, and without eyes.
import { expect, test } from 'vitest';
import { lowContrast } from './contrast.ts';
import { type PageRig, shopTrace, traceId } from './rig.ts';

const CHILDREN = [
  { service: 'shop', name: 'one', at: 1, ms: 5, children: [{ service: 'db', name: 'two', at: 2, ms: 2, error: 'no' }] },
  { service: 'mail', name: 'three', at: 8, ms: 5, exception: { type: 'Oops', message: 'oh' } },
];

export function keyTests(rig: PageRig): void {
  test('the keyboard goes from the list into the waterfall, into the span, and back', async () => {
    const { page } = await rig.open({ traces: [shopTrace(1, { children: CHILDREN }), shopTrace(2)] });
    await page.locator('.trace').nth(1).waitFor();
    const title = (name: string) => page.locator('.titles h1', { hasText: name }).waitFor();
    const focused = () =>
      page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? document.activeElement.tagName');
    await page.keyboard.press('j');
    await title('GET /things/2');
    await page.keyboard.press('ArrowDown');
    await title('GET /things/1');
    await page.keyboard.press('k');
    await title('GET /things/2');
    await page.keyboard.press('j');
    await title('GET /things/1');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Spans');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.locator('#detail h2', { hasText: 'one' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.span').count()).toBe(3);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.locator('#detail h2', { hasText: 'two' }).waitFor();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Span');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Spans');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Traces, newest first');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: /Production would keep/ }).waitFor();
  });

  test('e and E go from error to error', async () => {
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, { children: CHILDREN })] });
    await page.locator('#detail h2', { hasText: 'three' }).waitFor();
    await page.keyboard.press('e');
    await page.locator('#detail h2', { hasText: 'two' }).waitFor();
    expect(await page.locator('.who .errors').textContent()).toBe('error 1 of 2');
    await page.keyboard.press('E');
    await page.locator('#detail h2', { hasText: 'three' }).waitFor();
  });

  test('? shows the keys and holds the focus until Esc gives it back', async () => {
    const { page } = await rig.open({ traces: [shopTrace(1)] });
    await page.locator('.trace').waitFor();
    await page.getByRole('listbox', { name: 'Traces' }).focus();
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys and help' });
    await help.waitFor();
    await page.keyboard.press('Tab');
    expect(await help.evaluate((node) => node.contains(node.ownerDocument.activeElement))).toBe(true);
    await page.keyboard.press('j');
    expect(page.url()).not.toContain(traceId(1));
    await page.keyboard.press('Escape');
    expect(await help.count()).toBe(0);
    expect(await page.evaluate<string>('document.activeElement.getAttribute("role")')).toBe('listbox');
  });

  test('letters typed into a field are letters', async () => {
    const { page } = await rig.open({ traces: [shopTrace(1)] });
    await page.locator('.trace').waitFor();
    await page.keyboard.press('f');
    await page.keyboard.type('pm?tjk');
    expect(await page.locator('#filter').inputValue()).toBe('pm?tjk');
    expect(await page.locator('.signal').textContent()).toContain('live');
    await page.keyboard.press('Escape');
    expect(await page.locator('#filter').inputValue()).toBe('');
    await page.locator('.trace').waitFor();
  });

  test('a screen reader is told the list, the tree, what is chosen and what happens', async () => {
    const { page } = await rig.open({ hash: traceId(1), traces: [shopTrace(1, { children: CHILDREN }), shopTrace(2)] });
    await page.locator('.span').nth(3).waitFor();
    const active = (role: string) =>
      page
        .getByRole(role as 'tree')
        .first()
        .evaluate((node) => {
          const id = node.getAttribute('aria-activedescendant');
          return id === null
            ? null
            : (node.ownerDocument.getElementById(id)?.getAttribute('aria-selected') ?? 'missing');
        });
    expect(await active('listbox')).toBe('true');
    expect(await active('tree')).toBe('true');
    const option = page.locator('.traces').getByRole('option', { selected: true });
    expect(await option.getAttribute('aria-setsize')).toBe('2');
    expect(await option.getAttribute('aria-posinset')).toBe('2');
    expect(await page.getByRole('treeitem').nth(2).getAttribute('aria-label')).toMatch(/^two, db, error, .*2.ms$/);
    expect(await page.locator('#status').textContent()).toMatch(/GET \/things\/1\. production keeps it/);
    const unnamed = await page
      .locator('button, input, select, a')
      .evaluateAll((all) =>
        all
          .filter((one) => !(one.getAttribute('aria-label') || one.textContent?.trim() || one.hidden))
          .map((one) => one.outerHTML),
      );
    expect(unnamed).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('every text has a contrast of 4.5 at least: %s', async (scheme) => {
    const { page, send } = await rig.open({ scheme, viewer: {} });
    await page.getByRole('heading', { name: 'Waiting' }).waitFor();
    const found = await lowContrast(page);
    await send(
      shopTrace(1, { children: CHILDREN, ms: 1500 }),
      shopTrace(2),
      shopTrace(3, {}, true),
      shopTrace(4, { attributes: { 'keeptrace.reason': 'manual', a: 1 } }),
    );
    await page.locator('.span').first().waitFor();
    for (const hash of ['', traceId(1), traceId(2), traceId(4), `${traceId(1)}..${traceId(2)}`]) {
      await page.goto(`${page.url().replace(/#.*/, '')}#${hash}`);
      await page
        .locator(hash === '' ? '.dots svg' : hash.includes('..') ? '.pair' : `#stage .span`)
        .first()
        .waitFor();
      found.push(...(await lowContrast(page)));
    }
    await page.keyboard.press('?');
    found.push(...(await lowContrast(page)));
    expect([...new Set(found)]).toEqual([]);
  });

  test('nothing moves for those who asked for less motion', async () => {
    const { page } = await rig.open();
    await page.getByRole('heading', { name: 'Waiting' }).waitFor();
    expect(await page.evaluate<number>('document.getAnimations().length')).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await page.evaluate<number>('document.getAnimations().length')).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });
}
