const { once } = require('node:events');
const http = require('node:http');
const { createApp } = require('../src/app');

exports.startShop = async () => {
  const payments = http.createServer((request, response) => {
    response.writeHead(request.url.endsWith('/666') ? 402 : 200).end();
  });
  const shop = http.createServer(createApp(await listen(payments)));
  const port = await listen(shop);
  return {
    call: (method, path) => fetch(`http://127.0.0.1:${port}${path}`, { method }),
    close() {
      for (const server of [shop, payments]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
};

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}
