// A CommonJS app that starts its tracing itself, with settings of its own.
const { initTracing, keepTrace, withSpan } = require('keeptrace');

initTracing({
  serviceName: 'shop',
  routes: [
    { path: '/search', slowMs: 50 },
    { path: '/export', slowMs: 'off' },
  ],
});

const http = require('node:http');
const express = require('express');

/** @param payments port of the payment service */
exports.createApp = (payments) => {
  const app = express();
  app.post('/orders/:id', async (request, response) => {
    await withSpan('reserve stock', async () => {});
    const status = await charge(payments, request.params.id);
    response.status(status === 200 ? 201 : 502).end();
  });
  app.post('/refunds/:id', (_request, response) => {
    keepTrace('refund');
    response.end();
  });
  app.get(['/search', '/export'], (_request, response) => setTimeout(() => response.end(), 80));
  return app;
};

const charge = (port, id) =>
  new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: `/charge/${id}` }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject).end();
  });
