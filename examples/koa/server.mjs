// A Koa app without a line of tracing. With @opentelemetry/instrumentation-koa installed, keeptrace finds and uses it.
import Router from '@koa/router';
import Koa from 'koa';

const app = new Koa();
const orders = new Router({ prefix: '/orders' });
orders.get('/:id', (ctx) => {
  ctx.body = { id: ctx.params.id };
});
orders.get('/:id/fail', () => {
  throw new Error('no such order');
});

app.silent = true;
app.use(orders.routes());
app.use((ctx) => {
  if (ctx.path === '/') ctx.body = 'hello';
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
