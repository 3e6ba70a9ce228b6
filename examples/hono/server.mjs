// A Hono app. Hono tells its routes to nobody outside, so its own middleware @hono/otel does: keeptrace takes the route
// from the span which that makes.
import { serve } from '@hono/node-server';
import { httpInstrumentationMiddleware } from '@hono/otel';
import { Hono } from 'hono';

const orders = new Hono();
orders.get('/:id', (c) => c.json({ id: c.req.param('id') }));
orders.get('/:id/fail', () => {
  throw new Error('no such order');
});

const app = new Hono();
app.use(httpInstrumentationMiddleware());
app.get('/', (c) => c.text('hello'));
app.route('/orders', orders);
app.onError((error, c) => c.json({ error: error.message }, 500));

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});
