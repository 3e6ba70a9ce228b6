import { describe, expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.ts';

const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';

/** Resolves with a service name, so that every problem is about the endpoint. */
function resolve(env: Record<string, string>) {
  const { settings, problems, usable } = resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env } });
  return { url: settings.endpoint, usable, problems };
}

// Each row: the environment, the code of the one line, a text the line must contain, and a text that must be its advice.
type Row = [env: Record<string, string>, code: string, says: RegExp, write: string];

const off: Row[] = [
  [{ [BASE]: 'not a url' }, 'KT_ENDPOINT_INVALID', /a space/, 'http://localhost:4318'],
  [{ [BASE]: 'garbage' }, 'KT_ENDPOINT_INVALID', /no address/, 'http://localhost:4318'],
  [{ [BASE]: 'true' }, 'KT_ENDPOINT_INVALID', /no address/, 'http://localhost:4318'],
  [{ [BASE]: '4318' }, 'KT_ENDPOINT_INVALID', /no address/, 'http://localhost:4318'],
  [{ [BASE]: ':4318' }, 'KT_ENDPOINT_INVALID', /names no host/, 'http://localhost:4318'],
  [{ [BASE]: '/v1/traces' }, 'KT_ENDPOINT_INVALID', /names no host/, 'http://localhost:4318'],
  [{ [BASE]: 'http://' }, 'KT_ENDPOINT_INVALID', /names no host/, 'http://localhost:4318'],
  [{ [BASE]: 'http://:4318' }, 'KT_ENDPOINT_INVALID', /names no host/, 'http://localhost:4318'],
  [{ [BASE]: 'http://collector:99999' }, 'KT_ENDPOINT_INVALID', /port/, 'http://localhost:4318'],
  [{ [BASE]: 'http://collector:http' }, 'KT_ENDPOINT_INVALID', /port/, 'http://localhost:4318'],
  [{ [BASE]: 'http://collector:0' }, 'KT_ENDPOINT_INVALID', /port 0/, 'http://localhost:4318'],
  [{ [BASE]: 'http://[::1' }, 'KT_ENDPOINT_INVALID', /broken IPv6/, 'http://localhost:4318'],
  [{ [BASE]: 'http://fd00::12:4318' }, 'KT_ENDPOINT_INVALID', /without \[ \]/, 'http://localhost:4318'],
  [{ [BASE]: 'http://coll ector:4318' }, 'KT_ENDPOINT_INVALID', /a space/, 'http://localhost:4318'],
  [{ [BASE]: 'http://collector:4318\nhttp://b' }, 'KT_ENDPOINT_INVALID', /control character/, 'http://localhost:4318'],
  [{ [BASE]: 'http://256.1.1.1:4318' }, 'KT_ENDPOINT_INVALID', /cannot exist/, 'http://localhost:4318'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder that nobody filled in is the case
  [{ [BASE]: 'http://${OTEL_HOST}:4318' }, 'KT_ENDPOINT_INVALID', /placeholder/, 'http://localhost:4318'],
  [{ [BASE]: 'http://<collector>:4318' }, 'KT_ENDPOINT_INVALID', /placeholder/, 'http://localhost:4318'],
  [{ [BASE]: `http://${'<'.repeat(3000)}` }, 'KT_ENDPOINT_INVALID', /longer than 2048/, 'http://localhost:4318'],
  [{ [BASE]: 'http://a:4318,http://b:4318' }, 'KT_ENDPOINT_INVALID', /more than one/, 'http://a:4318'],
  [{ [BASE]: 'grpc://collector:4317' }, 'KT_ENDPOINT_INVALID', /scheme grpc/, 'http://collector:4317'],
  [{ [BASE]: 'htttp://collector:4318' }, 'KT_ENDPOINT_INVALID', /scheme htttp/, 'http://collector:4318'],
  [{ [BASE]: 'ftp://collector:4318' }, 'KT_ENDPOINT_INVALID', /scheme ftp/, 'http://localhost:4318'],
  [{ [BASE]: 'unix:///var/run/otel.sock' }, 'KT_ENDPOINT_INVALID', /scheme unix/, 'http://localhost:4318'],
  [{ [BASE]: 'file:///etc/passwd' }, 'KT_ENDPOINT_INVALID', /scheme file/, 'http://localhost:4318'],
  [{ [BASE]: 'javascript:alert(1)' }, 'KT_ENDPOINT_INVALID', /scheme javascript/, 'http://localhost:4318'],
  [
    { [BASE]: 'https://key:pw@otel.example' },
    'KT_ENDPOINT_CREDENTIALS',
    /\*\*\*@otel\.example/,
    'https://otel.example',
  ],
  [
    { [BASE]: 'https://CANARY@otel.example/behind/a/gateway/with/a/long/path/to/it' },
    'KT_ENDPOINT_CREDENTIALS',
    /\*\*\*@otel\.example.*OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic%20…$/,
    'https://otel.example',
  ],
  [{ [BASE]: 'http://169.254.169.254' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://2852039166/' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://0xa9fea9fe/' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://0251.0376.0251.0376' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://169.254.43518' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://[::ffff:169.254.169.254]' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://[64:ff9b::a9fe:a9fe]' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://metadata.google.internal.' }, 'KT_ENDPOINT_REFUSED', /metadata/, 'http://localhost:4318'],
  [{ [BASE]: 'http://169.254.169.254.nip.io' }, 'KT_ENDPOINT_REFUSED', /link-local/, 'http://localhost:4318'],
  [{ [BASE]: 'http://169.254.1.1:4318' }, 'KT_ENDPOINT_REFUSED', /link-local/, 'http://localhost:4318'],
  [{ [BASE]: 'http://[fe80::1]:4318' }, 'KT_ENDPOINT_REFUSED', /link-local/, 'http://localhost:4318'],
  [{ [BASE]: 'http://224.0.0.1:4318' }, 'KT_ENDPOINT_INVALID', /nothing can connect/, 'http://localhost:4318'],
  [{ [TRACES]: 'nonsense', [BASE]: 'http://good:4318' }, 'KT_ENDPOINT_INVALID', /TRACES_ENDPOINT/, '/v1/traces'],
  [
    { [BASE]: 'http://otel.example', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer abc' },
    'KT_ENDPOINT_CLEARTEXT',
    /the header authorization unencrypted/,
    'https://otel.example',
  ],
  [
    { [BASE]: 'http://otel.example?api_key=CANARY' },
    'KT_ENDPOINT_CLEARTEXT',
    /key in its query/,
    'https://otel.example',
  ],
];

// And here what is used instead.
type Repaired = [env: Record<string, string>, code: string, url: string, write: string];

const repaired: Repaired[] = [
  [{ [BASE]: 'localhost:4318' }, 'KT_ENDPOINT_NO_SCHEME', 'http://localhost:4318/v1/traces', 'http://localhost:4318'],
  [{ [BASE]: '//collector:4318' }, 'KT_ENDPOINT_NO_SCHEME', 'http://collector:4318/v1/traces', 'http://collector:4318'],
  [
    { [BASE]: '10.0.0.7:4318/otlp' },
    'KT_ENDPOINT_NO_SCHEME',
    'http://10.0.0.7:4318/otlp/v1/traces',
    'http://10.0.0.7:4318/otlp',
  ],
  [{ [BASE]: 'otel.example:443' }, 'KT_ENDPOINT_NO_SCHEME', 'https://otel.example/v1/traces', 'https://otel.example'],
  [
    { [BASE]: 'http:/collector:4318' },
    'KT_ENDPOINT_REPAIRED',
    'http://collector:4318/v1/traces',
    'http://collector:4318',
  ],
  [
    { [BASE]: 'http:///collector:4318' },
    'KT_ENDPOINT_REPAIRED',
    'http://collector:4318/v1/traces',
    'http://collector:4318',
  ],
  [{ [BASE]: 'https//otel.example' }, 'KT_ENDPOINT_REPAIRED', 'https://otel.example/v1/traces', 'https://otel.example'],
  [
    { [BASE]: 'http:\\\\collector:4318' },
    'KT_ENDPOINT_REPAIRED',
    'http://collector:4318/v1/traces',
    'http://collector:4318',
  ],
  [
    { [BASE]: 'http://collector:4318#x' },
    'KT_ENDPOINT_REPAIRED',
    'http://collector:4318/v1/traces',
    'http://collector:4318',
  ],
  [{ [BASE]: 'http://c:4318/v1/traces' }, 'KT_ENDPOINT_PATH', 'http://c:4318/v1/traces', `${BASE}=http://c:4318`],
  [{ [BASE]: 'http://c:4318/v1/traces/' }, 'KT_ENDPOINT_PATH', 'http://c:4318/v1/traces', `${BASE}=http://c:4318`],
  [{ [BASE]: 'http://c:4318/v1/metrics' }, 'KT_ENDPOINT_PATH', 'http://c:4318/v1/traces', `${BASE}=http://c:4318`],
  [
    { [TRACES]: 'http://c:4318/v1/traces/v1/traces' },
    'KT_ENDPOINT_PATH',
    'http://c:4318/v1/traces',
    'http://c:4318/v1/traces',
  ],
  [{ [TRACES]: 'http://c:4318' }, 'KT_ENDPOINT_PATH', 'http://c:4318/', 'http://c:4318/v1/traces'],
  [{ [BASE]: 'http://c:4317' }, 'KT_ENDPOINT_PORT', 'http://c:4317/v1/traces', `${BASE}=http://c:4318`],
  [{ [BASE]: 'http://c:9411' }, 'KT_ENDPOINT_PORT', 'http://c:9411/v1/traces', `${BASE}=http://c:4318`],
  [{ [BASE]: 'http://c:443' }, 'KT_ENDPOINT_PORT', 'http://c:443/v1/traces', `${BASE}=https://c`],
  [{ [BASE]: 'http://0.0.0.0:4318' }, 'KT_ENDPOINT_PORT', 'http://0.0.0.0:4318/v1/traces', 'http://127.0.0.1:4318'],
  [
    { [BASE]: 'c:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'KT_ENDPOINT_PORT',
    'https://c:4318',
    `${BASE}=https://c:4317`,
  ],
  [
    { [BASE]: 'http://c:4317/v1/traces', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    'KT_ENDPOINT_PATH',
    'http://c:4317',
    `${BASE}=http://c:4317`,
  ],
];

const correct: [env: Record<string, string>, url: string][] = [
  [{}, 'http://localhost:4318/v1/traces'],
  [{ [BASE]: '   ' }, 'http://localhost:4318/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://localhost:4317'],
  [{ [BASE]: ' http://collector:4318/ ' }, 'http://collector:4318/v1/traces'],
  [{ [BASE]: 'HTTPS://Otel.Example/otlp' }, 'https://otel.example/otlp/v1/traces'],
  [{ [BASE]: 'https://otel.example/otlp/?tenant=a' }, 'https://otel.example/otlp/v1/traces?tenant=a'],
  [{ [BASE]: 'http://[::1]:4318' }, 'http://[::1]:4318/v1/traces'],
  [{ [TRACES]: 'https://otel.example/in', [BASE]: 'nonsense' }, 'https://otel.example/in'],
  [{ [BASE]: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'https://collector:4317'],
  [{ [BASE]: 'http://collector:4317/', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://collector:4317'],
  [
    { [BASE]: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_INSECURE: 'true' },
    'http://collector:4317',
  ],
  [
    { [BASE]: 'http://127.0.0.1:4318', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=x' },
    'http://127.0.0.1:4318/v1/traces',
  ],
  [{ [BASE]: 'http://otel.example', OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop' }, 'http://otel.example/v1/traces'],
];

const name = (env: Record<string, string>) =>
  Object.entries(env)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');

describe('an endpoint that cannot be used switches tracing off with one line', () => {
  test.each(off.map((row) => [name(row[0]), ...row] as const))('%s', (_, env, code, says, write) => {
    const { url, usable, problems } = resolve(env);
    expect(url).toBe('');
    expect(usable).toBe(false);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, severity: 'error' });
    expect(problems[0]!.message).toMatch(says);
    expect(problems[0]!.message).toContain('Now: tracing is off');
    expect(problems[0]!.message.split('Write: ')[1]).toContain(write);
    expect(problems[0]!.message).not.toMatch(/\n|CANARY|key:pw/);
  });
});

describe('an endpoint with one certain meaning is corrected with one line', () => {
  test.each(repaired.map((row) => [name(row[0]), ...row] as const))('%s', (_, env, code, expected, write) => {
    const { url, usable, problems } = resolve(env);
    expect(url).toBe(expected);
    expect(usable).toBe(true);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(problems[0]!.severity).toBe('warning');
    expect(problems[0]!.message.endsWith(write)).toBe(true);
  });
});

describe('a correct endpoint is used without a word', () => {
  test.each(correct.map((row) => [name(row[0]) || '(nothing set)', ...row] as const))('%s', (_, env, expected) => {
    const { url, usable, problems } = resolve(env);
    expect(problems).toEqual([]);
    expect(url).toBe(expected);
    expect(usable).toBe(true);
  });
});

test('the advice of every corrected endpoint is itself correct', () => {
  for (const [env] of repaired) {
    const variable = env[TRACES] ? TRACES : BASE;
    const advice = resolve(env).problems[0]!.message.split(`Write: ${variable}=`)[1]!;
    expect(resolve({ ...env, [variable]: advice }).problems).toEqual([]);
  }
});

describe('KEEPTRACE_ALLOW_UNSAFE_ENDPOINT=true', () => {
  const allow = { KEEPTRACE_ALLOW_UNSAFE_ENDPOINT: 'true' };

  test('lets spans go to a link-local address', () => {
    expect(resolve({ ...allow, [BASE]: 'http://169.254.1.1:4318' })).toMatchObject({ usable: true, problems: [] });
  });

  test('lets credentials go over plain http', () => {
    const env = { ...allow, [BASE]: 'http://otel.example', OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=abc' };
    expect(resolve(env)).toMatchObject({ usable: true, problems: [] });
  });

  test('does not make a user name in the address work', () => {
    expect(resolve({ ...allow, [BASE]: 'https://a:b@otel.example' }).usable).toBe(false);
  });
});

describe('in code', () => {
  const inCode = (endpoint: string) => resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop' }, options: { endpoint } });

  test('an origin gets /v1/traces, a path stays', () => {
    expect(inCode('http://c:4318').settings.endpoint).toBe('http://c:4318/v1/traces');
    expect(inCode('http://c:4318/in').settings.endpoint).toBe('http://c:4318/in');
  });

  test('a refused endpoint is an error of the option', () => {
    const { problems, usable } = inCode('http://169.254.169.254');
    expect(usable).toBe(false);
    expect(problems).toMatchObject([{ severity: 'error', origin: { kind: 'code', name: 'endpoint' } }]);
  });
});

test('a bad endpoint is nobody’s trouble when nothing is sent by OTLP', () => {
  for (const exporter of ['none', 'console']) {
    expect(resolve({ [BASE]: 'garbage', OTEL_TRACES_EXPORTER: exporter })).toMatchObject({
      usable: true,
      problems: [],
    });
  }
});
