import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/problems.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { printable, withoutUrlSecrets } from '../../src/config/sentence.ts';

const CANARY = 'CANARY';
const endpoints = [
  `https://user:${CANARY}@otel.example`,
  `https://${CANARY}@otel.example:99999`,
  `https://user:${CANARY}/x@otel.example`,
  `https://user:p@${CANARY}@otel.example`,
  `user:${CANARY}@otel.example:4318`,
  `http:/${CANARY}@otel.example:4317`,
  `http:\\\\${CANARY}@otel.example`,
  `ftp://${CANARY}@otel.example`,
  `"https://${CANARY}@otel.example"`,
  `http://otel.example:4317?token=${CANARY}`,
  `http://otel.example:port?token=${CANARY}`,
  `http://localhost:4317#${CANARY}`,
  `otel.example?key=${CANARY}`,
  `http://otel example/?key=${CANARY}`,
  `http://a:4318?k=${CANARY},http://b:4318`,
  `api-key=${CANARY}`,
  `api-key=${CANARY}.x`,
  `api-key=${CANARY}:4318`,
  `api-key=${CANARY} `.repeat(2),
  `api-key=${CANARY},x:4318`,
  `grpc://api-key=${CANARY}`,
  `https://api-key=${CANARY}`,
  `https://otel.example:99999/api-key=${CANARY}`,
];
const attributes = [
  `team=a,db.password=${CANARY},broken`,
  `team=a,${CANARY}`,
  `team=a,=${CANARY}`,
  `db.password=${CANARY}=x`,
  `db.password=${CANARY}%zz`,
  `"db.password=${CANARY}",broken`,
];
const headers = [
  `x-api-key=${CANARY};x`,
  `x-api-key=${CANARY}%0d%0a`,
  `x-api-key=${CANARY}%zz`,
  `${CANARY}`,
  `a=1,${CANARY}`,
  `${CANARY}=`,
  `Bearer ${CANARY}=x`,
  `content-type=${CANARY}`,
];
const messages = (input: Parameters<typeof resolveSettings>[0]) => {
  const { problems } = resolveSettings(input);
  return `${new ConfigError(problems).message} ${JSON.stringify(problems)}`;
};

test.each(endpoints)('the secret of the endpoint %s is not printed', (endpoint) => {
  for (const variable of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
    for (const protocol of ['http/protobuf', 'grpc']) {
      const env = { [variable]: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol };
      expect(messages({ env })).toContain(variable);
      expect(messages({ env })).not.toContain(CANARY);
    }
  }
  expect(messages({ env: {}, options: { endpoint } })).not.toContain(CANARY);
});

test.each(headers)('the secret of the headers %s is not printed', (text) => {
  for (const variable of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    expect(messages({ env: { [variable]: text } })).toContain(variable);
    expect(messages({ env: { [variable]: text } })).not.toContain(CANARY);
  }
});

test.each(attributes)('the secret of the resource attributes %s is not printed', (text) => {
  const env = { OTEL_RESOURCE_ATTRIBUTES: text };
  expect(messages({ env })).toContain('KT_BAD_E');
  expect(messages({ env })).not.toContain(CANARY);
});

test('resource attributes in code are not printed', () => {
  const resourceAttributes = `db.password=${CANARY}` as unknown as Record<string, string>;
  expect(messages({ env: {}, options: { resourceAttributes } })).toContain('resourceAttributes');
  expect(messages({ env: {}, options: { resourceAttributes } })).not.toContain(CANARY);
});

test('options that are none are not printed', () => {
  expect(messages({ env: {}, options: CANARY as never })).toContain('options are a string');
  expect(messages({ env: {}, options: [CANARY] as never })).not.toContain(CANARY);
});

test('headers in code are not printed', () => {
  for (const headers of [{ 'x-key': `${CANARY}\n` }, { [`${CANARY} x`]: '1' }, CANARY, `x-key=${CANARY}`, [CANARY]]) {
    expect(messages({ env: {}, options: { headers: headers as Record<string, string> } })).not.toContain(CANARY);
  }
});

test.each([
  ['https://a:b@h/p', 'https://***@h/p'],
  ['https://h/p?q=1', 'https://h/p?…'],
  ['https://h/p#f', 'https://h/p#…'],
  ['a:b@h:1', '***@h:1'],
  ['plain', 'plain'],
  ['what?', 'what?'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutUrlSecrets(text)).toBe(shown);
});

test('control characters are escaped and long values cut, so that a value cannot forge a log line', () => {
  expect(printable('a\nb\u001b[31m\u2028')).toBe('a\\x0ab\\x1b[31m\\x2028');
  expect(printable('x'.repeat(200))).toBe(`${'x'.repeat(80)}…`);
});
