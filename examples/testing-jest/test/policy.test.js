const { captureSpans } = require('keeptrace/testing');
const { startShop } = require('./shop');

let shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

test('production keeps failed orders and refunds, and of the others what the ratio says', async () => {
  expect(await captureSpans(() => shop.call('POST', '/orders/666'))).toBeKept('error');
  expect(await captureSpans(() => shop.call('POST', '/refunds/17'))).toBeKept('manual');
  expect(await captureSpans(() => shop.call('POST', '/orders/17'))).toBeDropped();
});

test('a slow search is kept, an export may take its time', async () => {
  expect(await captureSpans(() => shop.call('GET', '/search'))).toBeKept('slow');
  const spans = await captureSpans(() => shop.call('GET', '/export'));
  expect(spans).toHaveSpan('GET /export');
  expect(spans).toBeDropped();
});
