// The service as it runs in production: a process of its own with the preload, and what it sends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { assert, test } from 'node:test';
import { receiveOtlp, registerAssertions } from 'keeptrace/testing';

registerAssertions(assert);

test('a failed order arrives whole, for its error, when the process is told to end', async (t) => {
  const otlp = await receiveOtlp();
  t.after(() => otlp.close());
  const stock = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
  t.after(() => stock.close());
  await once(stock, 'listening');
  const app = spawn(process.execPath, ['--import', 'keeptrace/register', 'src/server.js'], {
    cwd: `${import.meta.dirname}/..`,
    env: {
      PATH: process.env.PATH,
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_SERVICE_NAME: 'orders',
      NODE_ENV: 'production',
      STOCK_URL: `http://127.0.0.1:${stock.address().port}`,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => app.kill('SIGKILL'));
  const [line] = await once(app.stdout, 'data');
  await fetch(`${String(line).trim()}/orders`);
  app.kill('SIGTERM');

  const spans = await otlp.waitFor((spans) => spans.length === 2);
  t.assert.hasSpanTree(
    spans,
    `
    GET /orders   ✕ HTTP 503
      GET   ✕ HTTP 500
    `,
  );
  t.assert.kept(spans, 'error');
});
