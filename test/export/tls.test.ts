import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readTlsFiles } from '../../src/export/tls-files.ts';
import { startFaultCollector } from '../faults/fault-collector.ts';
import { closeRigs, createRig } from './rig.ts';

let dir: string;
const file = (name: string) => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'keeptrace-tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  for (const name of ['server', 'client']) {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'); // biome-ignore format: one command
  }
});
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(closeRigs);

const serverTls = () => ({ key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) });

test('a certificate that is not trusted keeps the spans waiting: it may be rotated', async () => {
  const collector = await startFaultCollector({ kind: 'ok' }, serverTls());
  const { pipeline, spans, balance, events } = await createRig({ collector });
  spans(10);
  await collector.until(() => events.retrying.length >= 1);
  expect(events.retrying[0]!.failure.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(events.retrying[0]!.failure.fix).toContain('OTEL_EXPORTER_OTLP_CERTIFICATE');
  expect(balance()).toMatchObject({ queued: 10 });
  await pipeline.flush(50);
  expect(collector.requests).toHaveLength(0);
});

test('OTEL_EXPORTER_OTLP_CERTIFICATE makes it trusted, the client pair identifies us', async () => {
  const collector = await startFaultCollector(
    { kind: 'ok' },
    { ...serverTls(), ca: readFileSync(file('client.pem')), requestCert: true, rejectUnauthorized: true },
  );
  const tls = readTlsFiles({
    certificateFile: file('server.pem'),
    clientKeyFile: file('client.key'),
    clientCertificateFile: file('client.pem'),
  });
  const { pipeline, spans } = await createRig({ collector, otlp: { tls } });
  spans(10);
  expect(await pipeline.flush(5_000)).toMatchObject({ flushed: 10 });
});

test('a server below TLS 1.2 is refused', async () => {
  const collector = await startFaultCollector(
    { kind: 'ok' },
    { ...serverTls(), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  );
  const { spans, events } = await createRig({ collector, otlp: { tls: { ca: readFileSync(file('server.pem')) } } });
  spans(1);
  await collector.until(() => events.retrying.length >= 1);
  expect(events.retrying[0]!.failure.what).toContain('TLS below 1.2');
});

test('https to a port that speaks plain http says so', async () => {
  const collector = await startFaultCollector();
  const { spans, events } = await createRig({ collector, otlp: { url: collector.url.replace('http:', 'https:') } });
  spans(1);
  await collector.until(() => events.retrying.length >= 1);
  expect(events.retrying[0]!.failure.what).toContain('does not speak TLS');
});

test('unreadable files are all named, with the variable', () => {
  expect(() => readTlsFiles({ certificateFile: file('none.pem'), clientKeyFile: dir })).toThrow(
    `OTEL_EXPORTER_OTLP_CERTIFICATE=${file('none.pem')} (ENOENT), OTEL_EXPORTER_OTLP_CLIENT_KEY=${dir} (EISDIR)`,
  );
  expect(readTlsFiles({})).toEqual({});
});
