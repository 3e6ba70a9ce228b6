// What a bad endpoint does to a whole process: nothing to the app, one line, and no connection to anywhere else.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runApp } from '../support/processes.ts';

const root = join(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures/endpoints');

async function run(env: Record<string, string>) {
  const app = runApp({
    args: [
      '--require',
      join(fixtures, 'record-connects.cjs'),
      '--import',
      'keeptrace/register',
      join(fixtures, 'app.mjs'),
    ],
    cwd: root,
    env: { OTEL_SERVICE_NAME: 'shop', KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '100', ...env },
  });
  const { code, signal } = await app.exit;
  const [served, connects] = app.stdout().trim().split('\n');
  const lines = app
    .stderr()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return { end: { code, signal, served }, connects: connects?.replace('connects: ', '').split(' ').sort(), lines };
}

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
const unharmed = { code: 0, signal: null, served: 'served 200' };

test('the stub sees the default endpoint when nothing is set', async () => {
  const { end, connects } = await run({});
  expect(end).toEqual(unharmed);
  expect(connects).toEqual(['localhost:4318']);
});

describe('tracing is off, with one line', () => {
  const rows: [env: Record<string, string>, says: RegExp][] = [
    [{ [BASE]: 'not a url' }, /not a url contains a space/],
    [{ [BASE]: 'http://collector:99999' }, /port that is no number from 1 to 65535/],
    [{ [BASE]: 'http://[::1' }, /broken IPv6 address/],
    [{ [BASE]: 'grpc://collector:4317' }, /has the scheme grpc/],
    [{ [BASE]: 'https://user:CANARY@otel.example' }, /user name or a password/],
    [{ [BASE]: 'http://169.254.169.254' }, /metadata service/],
    [{ [BASE]: 'http://[::ffff:a9fe:a9fe]:4318' }, /metadata service/],
    [{ [TRACES]: 'http://[fe80::1]:4318/v1/traces', [BASE]: 'http://collector:4318' }, /link-local/],
    [{ [BASE]: 'http://otel.example', OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=CANARY' }, /x-api-key unencrypted/],
    [{ [BASE]: 'https://otel.example', OTEL_EXPORTER_OTLP_CERTIFICATE: '/missing/ca.pem' }, /\/missing\/ca\.pem/],
  ];

  test.concurrent.each(rows)('%j', async (env, says) => {
    const { end, connects, lines } = await run(env);
    expect(end).toEqual(unharmed);
    expect(connects).toEqual(['none']);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(says);
    expect(lines[0]).not.toContain('CANARY');
  });
});

describe('the endpoint is corrected, with one line, and nothing else is tried', () => {
  const rows: [env: Record<string, string>, connects: string][] = [
    [{ [BASE]: 'collector.invalid:4318' }, 'collector.invalid:4318'],
    [{ [BASE]: 'http:/collector.invalid:4318' }, 'collector.invalid:4318'],
    [{ [BASE]: 'http://collector.invalid:4318/v1/traces' }, 'collector.invalid:4318'],
    [{ [BASE]: 'http://collector.invalid:4317' }, 'collector.invalid:4317'],
  ];

  test.concurrent.each(rows)('%j', async (env, target) => {
    const { end, connects, lines } = await run(env);
    expect(end).toEqual(unharmed);
    expect(connects).toEqual([target]);
    expect(lines.filter((line) => line.includes(`${BASE}=`) && line.includes(' Write: '))).toHaveLength(1);
  });
});

test('bad headers cost neither the app nor the export', async () => {
  const { end, connects, lines } = await run({
    [BASE]: 'http://collector.invalid:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop,x-note=CANARY%0d%0ax-evil: 1',
  });
  expect(end).toEqual(unharmed);
  expect(connects).toEqual(['collector.invalid:4318']);
  expect(lines.filter((line) => line.includes('OTEL_EXPORTER_OTLP_HEADERS has entry 2'))).toHaveLength(1);
  expect(lines.join('\n')).not.toContain('CANARY');
});
