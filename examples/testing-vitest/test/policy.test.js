import { captureSpans } from 'keeptrace/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startShop } from './shop.js';

let shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

const get = (path) => captureSpans(() => fetch(shop.url + path));

test('production keeps every failed order, and of the others what the ratio says', async () => {
  expect(await captureSpans(() => shop.order({ items: ['a'], card: 'stolen' }))).toBeKept('error');
  expect(await captureSpans(() => shop.order({ items: ['a'], card: 'good' }))).toBeDropped();
});

test('production keeps a slow report', async () => {
  expect(await get('/report')).toBeKept('slow');
});

test('names say what was done, not to what', async () => {
  const [first, second] = [await get('/orders/17'), await get('/orders/4711')];
  expect(first).toHaveLowCardinalityNames(second);
});

test('servers have what dashboards ask of them', async () => {
  expect(await get('/orders/17')).toHaveRequiredAttributes({ server: ['url.path'] });
});
