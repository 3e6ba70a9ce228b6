import { captureSpans, spanTree } from 'keeptrace/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startShop } from './shop.js';

let shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

test('an order is one trace, from the caller to the payment', async () => {
  const spans = await captureSpans(() => shop.order({ items: ['a', 'b'], card: 'good' }));
  expect(spanTree(spans, { durations: false, services: false, attributes: ['order.items'] })).toMatchInlineSnapshot(`
    "POST
    └─ POST /orders
       ├─ reserve stock     order.items=2
       │  └─ UPDATE stock   fake
       └─ POST
          └─ POST /charge"
  `);
  expect(spans).toBeOneTrace();
  expect(spans).toHaveNoOrphans();
  expect(spans).toHaveAllSpansEnded();
});

test('the payment is made in the request, whatever else is', async () => {
  const spans = await captureSpans(() => shop.order({ items: ['a'], card: 'good' }));
  expect(spans).toHaveSpanTree(`
    POST
      POST /orders
        …
        POST
          POST /charge
  `);
});

test('stock is updated once, however many items there are', async () => {
  const spans = await captureSpans(() => shop.order({ items: ['a', 'b', 'c', 'd'], card: 'good' }));
  expect(spans).toHaveAtMost(1, { name: /^UPDATE/ });
});

test('a refused payment is seen at the request', async () => {
  const spans = await captureSpans(() => shop.order({ items: ['a'], card: 'stolen' }));
  expect(spans).toHaveSpan({
    name: 'POST /orders',
    kind: 'server',
    attributes: { 'http.response.status_code': 502 },
    parent: 'POST',
  });
  expect(spans).toContainNoSecrets(['stolen']);
});

test('requests of a hundred users at once do not get mixed up', async () => {
  const traces = await Promise.all(
    Array.from({ length: 100 }, () => captureSpans(() => shop.order({ items: ['a'], card: 'good' }))),
  );
  for (const spans of traces) {
    expect(spans).toBeOneTrace();
    expect(spans).toHaveAtMost(1, 'POST /orders');
  }
});
