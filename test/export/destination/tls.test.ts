import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDestination } from '../../../src/export/destination/destination.ts';
import { readTlsFiles, tlsWarnings, watchTlsFiles } from '../../../src/export/destination/tls-files.ts';
import { startFaultCollector } from '../../faults/fault-collector.ts';
import { closeRigs, createRig } from '../rig.ts';

let dir: string;
const file = (name: string) => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'keeptrace-tls-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  for (const name of ['server', 'client', 'renewed']) {
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'); // biome-ignore format: one command
  }
});
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  return closeRigs();
});

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

test('an app that replaces http.request and https.request does not concern the export', async () => {
  const boom = () => {
    throw new Error('boom');
  };
  vi.spyOn(http, 'request').mockImplementation(boom);
  vi.spyOn(https, 'request').mockImplementation(boom);
  const secure = await startFaultCollector({ kind: 'ok' }, serverTls());
  const rigs = [await createRig(), await createRig({ collector: secure, otlp: { tls: { ca: serverTls().cert } } })];
  for (const { pipeline, spans } of rigs) {
    spans(10);
    expect(await pipeline.flush(5_000)).toMatchObject({ flushed: 10 });
  }
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

describe('certificates that are rotated during a run', () => {
  const settings = (endpoint: string) => ({
    exporter: 'otlp' as const,
    endpoint,
    protocol: 'http/protobuf' as const,
    headers: {},
    compression: 'none' as const,
    exportTimeoutMs: 2_000,
    spanExporter: undefined,
    certificateFile: file('ca.pem'),
    clientKeyFile: file('own.key'),
    clientCertificateFile: file('own.pem'),
  });

  test('cost nothing: the files are read again', async () => {
    copyFileSync(file('server.pem'), file('ca.pem'));
    copyFileSync(file('client.key'), file('own.key'));
    copyFileSync(file('client.pem'), file('own.pem'));
    const mutual = (name: string, client: string) => ({
      key: readFileSync(file(`${name}.key`)),
      cert: readFileSync(file(`${name}.pem`)),
      ca: readFileSync(file(`${client}.pem`)),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const tls = mutual('server', 'client');
    const collector = await startFaultCollector({ kind: 'ok' }, tls);
    const destination = createDestination(settings(collector.url));
    const { pipeline, spans, balance, events } = await createRig({ collector, destination });
    spans(10);
    expect(await pipeline.flush(5_000)).toMatchObject({ flushed: 10 });
    // The collector comes back with another certificate, and trusts another one of ours.
    await collector.down();
    Object.assign(tls, mutual('renewed', 'renewed'));
    await collector.up();
    spans(10);
    await collector.until(() => events.retrying.length >= 1);
    copyFileSync(file('renewed.pem'), file('ca.pem'));
    // The pair is for a moment none: that is an outage, too, and costs nothing.
    copyFileSync(file('renewed.key'), file('own.key'));
    const failed = events.retrying.length;
    await collector.until(() => events.retrying.length > failed);
    copyFileSync(file('renewed.pem'), file('own.pem'));
    await collector.until(() => pipeline.stats().accepted === 20, 20_000);
    expect(balance()).toMatchObject({ rejected: 0, dropped: {} });
    expect(destination.remote!.tls!.cert).toEqual(readFileSync(file('renewed.pem')));
  });

  test('are read once per change, and never while a file is missing', () => {
    writeFileSync(file('ca.pem'), 'one');
    const changed = watchTlsFiles({ certificateFile: file('ca.pem') });
    expect(changed()).toBeUndefined();
    rmSync(file('ca.pem'));
    expect(changed()).toBeUndefined();
    writeFileSync(file('ca.pem'), 'other');
    expect(changed()).toEqual({ ca: Buffer.from('other') });
    expect(changed()).toBeUndefined();
  });
});

test('a key that others may read, and TLS that checks nobody, are worth a sentence each', () => {
  copyFileSync(file('client.key'), file('open.key'));
  chmodSync(file('open.key'), 0o640);
  const risky = { endpoint: 'https://otel:4318', clientKeyFile: file('open.key') };
  const messages = tlsWarnings(risky, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }).map(({ message }) => message);
  expect(messages).toHaveLength(2);
  expect(messages[0]).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 lets any server pose');
  expect(messages[1]).toContain(`chmod 600 ${file('open.key')}`);
  chmodSync(file('open.key'), 0o600);
  expect(tlsWarnings(risky, {})).toEqual([]);
  chmodSync(file('open.key'), 0o644);
  expect(tlsWarnings({ ...risky, endpoint: 'http://otel:4318' }, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([]);
});
