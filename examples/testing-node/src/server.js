// A service without a framework and without a line of tracing.
import { createServer } from 'node:http';

export const server = createServer(async (request, response) => {
  if (request.url === '/up') return response.end('ok');
  const stock = await fetch(`${process.env.STOCK_URL}/stock`).catch(() => undefined);
  response.writeHead(stock?.ok ? 200 : 503).end();
});

if (process.argv[1] === import.meta.filename) {
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}
