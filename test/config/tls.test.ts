import { expect, test } from 'vitest';
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
