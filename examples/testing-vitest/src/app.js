// An app that holds no tracing of its own but two spans with business names. It is traced by the preload in production.
import express from 'express';
import { withSpan } from 'keeptrace';

/** @param payments address of the payment service */
export function createApp(payments) {
  const app = express();
  app.use(express.json());

  app.post('/orders', async (request, response) => {
    const { items, card } = request.body;
    await withSpan('reserve stock', { attributes: { 'order.items': items.length } }, () => reserve(items));
    const paid = await fetch(`${payments}/charge`, { method: 'POST', body: card });
    response.status(paid.ok ? 201 : 502).end();
  });
  app.get('/orders/:id', (request, response) => response.json({ id: request.params.id }));
  app.get('/report', async (_request, response) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    response.end('done');
  });
  return app;
}

async function reserve(items) {
  await withSpan(
    'UPDATE stock',
    { kind: 'client', attributes: { 'db.system.name': 'fake' } },
    async () => items.length,
  );
}
