// The servers of the tests, started as usual: captureSpans follows the requests it makes through them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createApp } from '../src/app.js';

export async function startShop() {
  const payments = createServer((request, response) => {
    let card = '';
    request.on('data', (chunk) => {
      card += chunk;
    });
    request.on('end', () => response.writeHead(card === 'stolen' ? 402 : 200).end());
  });
  const shop = createServer(createApp(await listen(payments)));
  const url = await listen(shop);
  return {
    url,
    order: (order) =>
      fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      }),
    close() {
      for (const server of [shop, payments]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}
