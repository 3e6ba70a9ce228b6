const { captureSpans, spanTree } = require('keeptrace/testing');
const { startShop } = require('./shop');

let shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

test('an order is one trace, from the caller to the payment', async () => {
  const spans = await captureSpans(() => shop.call('POST', '/orders/17'));
  expect(spanTree(spans, { durations: false })).toMatchInlineSnapshot(`
"POST                         shop
└─ POST /orders/:id          shop
   ├─ reserve stock          shop
   └─ POST                   shop
      └─ POST /charge/{id}   shop"
`);
  expect(spans).toBeOneTrace();
  expect(spans).toHaveAllSpansEnded();
});

test('a refused payment is the payment service refusing', async () => {
  const spans = await captureSpans(() => shop.call('POST', '/orders/666'));
  expect(spans).toHaveSpan({
    kind: 'client',
    parent: 'POST /orders/:id',
    attributes: { 'http.response.status_code': 402 },
  });
  expect(spans).not.toHaveSpan('ship order');
});
