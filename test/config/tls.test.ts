import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.ts';
import { whyUnreadable } from '../../src/config/unreadable.ts';

const HTTPS = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example' };
const resolve = (env: Record<string, string>) =>
  resolveSettings({
    env: { ...HTTPS, ...env },
    unreadable: (path) => (path.startsWith('/missing') ? 'ENOENT' : undefined),
  });

test('a readable certificate authority is taken over', () => {
  const { settings, problems, usable } = resolve({ OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem' });
  expect({ file: settings.certificateFile, problems, usable }).toEqual({ file: '/ca.pem', problems: [], usable: true });
});

test.each(['CERTIFICATE', 'CLIENT_KEY', 'CLIENT_CERTIFICATE'])(
  'an unreadable file in …_%s switches tracing off',
  (name) => {
    const pair = { OTEL_EXPORTER_OTLP_CLIENT_KEY: '/key.pem', OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/cert.pem' };
    const variable = `OTEL_EXPORTER_OTLP_${name}`;
    const { problems, usable } = resolve({ ...pair, [variable]: '/missing.pem' });
    expect(usable).toBe(false);
    expect(problems).toMatchObject([
      { code: 'KT_TLS_FILE', severity: 'error', origin: { kind: 'env', name: variable } },
    ]);
    expect(problems[0]!.message).toContain('/missing.pem cannot be read (ENOENT). ');
  },
);

test('half of a client certificate is told', () => {
  const { settings, problems, usable } = resolve({ OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/key.pem' });
  expect(usable).toBe(true);
  expect(settings.clientKeyFile).toBeUndefined();
  expect(problems).toMatchObject([{ code: 'KT_TLS_PAIR', origin: { name: 'OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY' } }]);
  expect(problems[0]!.message).toContain('is set without OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE');
});

test('files beside a plain http endpoint are not read, and that is told', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_EXPORTER_OTLP_CERTIFICATE: '/missing.pem' };
  const { settings, problems, usable } = resolve(env);
  expect(usable).toBe(true);
  expect(settings.certificateFile).toBeUndefined();
  expect(problems).toMatchObject([{ code: 'KT_NO_EFFECT', origin: { name: 'OTEL_EXPORTER_OTLP_CERTIFICATE' } }]);
});

test('a file is readable, a folder and a missing file are not', () => {
  expect(whyUnreadable(import.meta.filename)).toBeUndefined();
  expect(whyUnreadable(import.meta.dirname)).toBe('EISDIR');
  expect(whyUnreadable(`${import.meta.filename}.missing`)).toBe('ENOENT');
});

describe('files that can be read', () => {
  const fixtures = join(import.meta.dirname, '../e2e/fixtures/parity/tls');
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-tls-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const key = join(fixtures, 'client.key');
  const cert = join(fixtures, 'client.pem');
  const otherCert = join(fixtures, 'server.pem');
  const garbage = put('garbage.pem', 'no certificate');
  const empty = put('empty.pem', '');
  const broken = put('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const base64 = readFileSync(cert, 'utf8').replaceAll(/-----.*-----|\s/g, '');
  const der = put('client.der', Buffer.from(base64, 'base64'));
  const bundle = put(
    'bundle.pem',
    `# our authorities\n${readFileSync(otherCert, 'utf8')}${readFileSync(cert, 'utf8')}`,
  );
  const locked = put(
    'locked.key',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'hush',
    }),
  );
  const look = (files: Record<string, string>) =>
    resolveSettings({
      env: {
        ...HTTPS,
        ...Object.fromEntries(Object.entries(files).map(([name, file]) => [`OTEL_EXPORTER_OTLP_${name}`, file])),
      },
      unreadable: whyUnreadable,
    });

  test.each([
    [{ CERTIFICATE: otherCert }],
    [{ CERTIFICATE: bundle }],
    [{ CLIENT_KEY: key, CLIENT_CERTIFICATE: cert }],
    [{ CERTIFICATE: otherCert, CLIENT_KEY: key, CLIENT_CERTIFICATE: cert }],
  ])('and are what they should be are taken over: %j', (files) => {
    expect(look(files)).toMatchObject({ usable: true, problems: [] });
  });

  test.each([
    [{ CERTIFICATE: garbage }, 'CERTIFICATE', 'holds no certificate'],
    [{ CERTIFICATE: empty }, 'CERTIFICATE', 'holds no certificate'],
    [{ CERTIFICATE: broken }, 'CERTIFICATE', 'holds no certificate'],
    [{ CERTIFICATE: der }, 'CERTIFICATE', 'holds no certificate'],
    [{ CERTIFICATE: key }, 'CERTIFICATE', 'holds no certificate'],
    [{ CLIENT_KEY: key, CLIENT_CERTIFICATE: garbage }, 'CLIENT_CERTIFICATE', 'holds no certificate'],
    [{ CLIENT_KEY: key, CLIENT_CERTIFICATE: key }, 'CLIENT_CERTIFICATE', 'holds no certificate'],
    [{ CLIENT_KEY: key, CLIENT_CERTIFICATE: otherCert }, 'CLIENT_CERTIFICATE', 'does not belong to the client key'],
    [{ CLIENT_KEY: cert, CLIENT_CERTIFICATE: cert }, 'CLIENT_KEY', 'holds no private key'],
    [{ CLIENT_KEY: locked, CLIENT_CERTIFICATE: cert }, 'CLIENT_KEY', 'is protected by a passphrase'],
  ])('and cannot be used switch tracing off: %j', (files, name, why) => {
    const { problems, usable } = look(files);
    expect(usable).toBe(false);
    expect(problems).toMatchObject([
      { code: 'KT_TLS_FILE', severity: 'error', origin: { name: `OTEL_EXPORTER_OTLP_${name}` } },
    ]);
    expect(problems[0]!.message).toContain(why);
    expect(problems[0]!.message).toContain('Now: tracing is off');
  });
});
