import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, assert, before, test } from 'node:test';
import { captureSpans, registerAssertions } from 'keeptrace/testing';
import { server } from '../src/server.js';

registerAssertions(assert);

let url;
const stock = createServer((_request, response) => response.end());
before(async () => {
  process.env.STOCK_URL = await listen(stock);
  url = await listen(server);
});
after(() => {
  for (const one of [server, stock]) {
    one.close();
    one.closeAllConnections();
  }
});

test('an order asks for the stock once, in its own trace', async (t) => {
  const spans = await captureSpans(() => fetch(`${url}/orders`));
  t.assert.hasSpanTree(
    spans,
    `
    GET
      GET /orders
        GET
          GET /stock
    `,
  );
  t.assert.oneTrace(spans);
  t.assert.noOrphans(spans);
  t.assert.atMost(spans, 1, 'GET /stock');
  t.assert.dropped(spans);
});

test('a message says what is there instead', async (t) => {
  const spans = await captureSpans(() => fetch(`${url}/orders`));
  t.assert.throws(() => t.assert.hasSpan(spans, { name: 'GET /stocks', kind: 'server' }), {
    name: 'AssertionError',
    message: /There is no server "GET \/stocks"\.\nThe nearest is server "GET \/stock"/,
  });
});

async function listen(one) {
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  return `http://127.0.0.1:${one.address().port}`;
}
