// What the list can be asked for.
import { expect, test } from 'vitest';
import { type PageRig, shopTrace } from './rig.ts';

const TRACES = [
  shopTrace(1, { attributes: { 'http.route': '/a', 'user.name': 'Ada Lovelace' } }),
  shopTrace(2, {
    ms: 700,
    attributes: { 'http.route': '/b' },
    children: [{ service: 'cards', name: 'charge', at: 1, ms: 2 }],
  }),
  shopTrace(3, { ms: 2000, attributes: { 'http.route': '/a' } }),
  shopTrace(4, { error: 'broken', attributes: { 'http.route': '/b' } }),
];

export function filterTests(rig: PageRig): void {
  const titles = (numbers: number[]) => numbers.map((number) => `GET /things/${number}`);

  const LINES: [string, number[]][] = [
    ['is:error', [4]],
    ['is:slow', [3]],
    ['service:cards', [2]],
    ['>500ms', [3, 2]],
    ['>500ms <1s', [2]],
    ['http.route=/a', [3, 1]],
    ['user.name="Ada Lovelace"', [1]],
    ['has:user.name', [1]],
    ['lovelace', [1]],
    ['charge', [2]],
    ['http.route=/b is:error', [4]],
    ['-things/2 -/4', [3, 1]],
    ['', [4, 3, 2, 1]],
  ];

  test('the filter knows words, attributes, services, durations and marks', async () => {
    const { page } = await rig.open({ traces: TRACES });
    await page.locator('.trace').nth(3).waitFor();
    const shown = page.locator('.trace .title');
    for (const [line, expected] of LINES) {
      await page.keyboard.press('f');
      await page.locator('#filter').fill(line);
      await expect
        .poll(() => shown.allTextContents(), { timeout: 5000, message: line, interval: 20 })
        .toEqual(titles(expected));
      await page.getByRole('listbox', { name: 'Traces' }).focus();
    }
  });

  test('buttons write into the filter, and one takes all of it back', async () => {
    const { page } = await rig.open({ traces: TRACES });
    await page.locator('.trace').nth(3).waitFor();
    await page.getByRole('button', { name: 'Errors' }).click();
    await page.getByLabel('Service', { exact: true }).selectOption('cards');
    await page.getByLabel('Duration', { exact: true }).selectOption('500ms');
    expect(await page.locator('#filter').inputValue()).toBe('is:error service:cards >500ms');
    await page.getByText('No trace fits the filter.').waitFor();
    await page.getByRole('button', { name: 'Errors' }).click();
    await page.locator('.trace').waitFor();
    expect(await page.locator('.trace .title').allTextContents()).toEqual(titles([2]));
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.locator('.trace').nth(3).waitFor();
  });

  test('what arrives later is held against the filter, too', async () => {
    const { page, send } = await rig.open({ traces: TRACES });
    await page.locator('.trace').nth(3).waitFor();
    await page.getByRole('button', { name: 'Errors' }).click();
    await page.locator('.trace').nth(1).waitFor({ state: 'detached' });
    await send(shopTrace(8), shopTrace(9, { error: 'again' }));
    await page.locator('.trace', { hasText: 'GET /things/9' }).waitFor();
    expect(await page.locator('.trace .title').allTextContents()).toEqual(titles([9, 4]));
  });

  test('an attribute of a span becomes a filter or a column with one click', async () => {
    const { page } = await rig.open({ traces: TRACES });
    await page.locator('.trace', { hasText: 'GET /things/2' }).click();
    const route = page.locator('.bag > div', { hasText: 'http.route' });
    await route.hover();
    await route.getByRole('button', { name: 'Show http.route in each row of the list' }).click();
    await page.locator('.trace .column').nth(3).waitFor();
    expect(await page.locator('.trace .column').allTextContents()).toEqual(['/b', '/a', '/b', '/a']);
    await route.getByRole('button', { name: 'Only traces with http.route = this' }).click();
    await page.locator('.trace').nth(2).waitFor({ state: 'detached' });
    expect(await page.locator('#filter').inputValue()).toBe('http.route=/b');
    expect(await page.locator('.trace .title').allTextContents()).toEqual(titles([4, 2]));
  });
}
