// A Fastify app without a line of tracing. Fastify announces each instance on a diagnostics channel, where keeptrace
// listens for the matched route, so nothing has to be installed.
import Fastify from 'fastify';

const app = Fastify();
app.get('/', async () => 'hello');
app.register(
  async (orders) => {
    const params = { type: 'object', properties: { id: { type: 'integer' } } };
    orders.get('/:id', { schema: { params } }, async (request) => ({ id: request.params.id }));
    orders.get('/:id/fail', async () => {
      throw new Error('no such order');
    });
  },
  { prefix: '/orders' },
);

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })}`);
