// A process that ends before it has ever looked up the collector's name.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { canHaveNameServer, type NameServer, startNameServer } from '../support/name-server.ts';
import { runApp } from '../support/processes.ts';

const script = join(import.meta.dirname, 'fixtures/exit/app.mjs');
let names: NameServer;
let collector: FaultCollector;
afterEach(async () => {
  names.close();
  await collector.close();
});

async function play(host: string, capMs = 20_000) {
  const [node, ...before] = names.wrap([process.execPath]);
  const app = runApp({
    node,
    args: [...before, '--import', 'keeptrace/register', script, 'processExit', '50'],
    env: {
      OTEL_SERVICE_NAME: 'exit',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin.replace('127.0.0.1', host),
      KEEPTRACE_EXIT_TIMEOUT_MS: String(capMs),
    },
  });
  await app.line(/^ready/);
  const readyAt = performance.now();
  const { code } = await app.exit;
  return { code, ms: performance.now() - readyAt, stderr: app.stderr() };
}

const possible = canHaveNameServer();

// getaddrinfo would hold the process for the six seconds that are configured here.
test.skipIf(!possible)('a name server that is silent does not stretch the exit', async () => {
  collector = await startFaultCollector();
  names = await startNameServer(undefined, 'options timeout:3 attempts:2\n');
  const { code, ms, stderr } = await play('collector.example', 500);
  expect(code).toBe(5);
  expect(ms).toBeLessThan(500 + 2_500);
  expect(stderr).toMatch(/lost 50 spans/);
});

test.skipIf(!possible).for<[what: string, host: string, options: string]>([
  ['a full name', 'collector.shop.test', ''],
  ['a short name, as in a cluster', 'collector', 'search shop.test cluster.test\noptions ndots:5\n'],
  [
    'a name with fewer dots than it takes to be asked first',
    'collector.shop',
    'search other.test test\noptions ndots:5\n',
  ],
])('%s is found', async ([, host, options]) => {
  collector = await startFaultCollector();
  names = await startNameServer(['collector.shop.test'], options);
  const { code, stderr } = await play(host);
  expect([...names.asked]).toContain('collector.shop.test');
  expect(stderr).not.toContain('lost');
  expect(code).toBe(5);
  expect(collector.acked.size).toBe(50);
});
