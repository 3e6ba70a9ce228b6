// Each ill server shows its code, and the healthy one beside it shows none.
import { describe, expect, test } from 'vitest';
import type { Lookup } from '../../../src/cli/doctor/addresses.ts';
import { checkConnection } from '../../../src/cli/doctor/checks-connection.ts';
import type { Facts } from '../../../src/cli/doctor/facts.ts';
import { readEnvironment, resolveEnvironment } from '../../../src/cli/environment.ts';
import {
  accept,
  closedPort,
  codesOf,
  endpoint,
  examine,
  say,
  selfSigned,
  serve,
  serveGrpc,
  serveGrpcTls,
  serveRaw,
  serveTls,
  silent,
  type Visit,
} from './clinic.ts';

type Env = Record<string, string>;
const known = (...addresses: string[]): Lookup => ({
  kind: 'found',
  addresses: addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
});
const lookup = (answer: Lookup): Visit['world'] => ({ lookupHost: async () => answer });

/** A code, what brings it about, and the nearest thing that is in order. */
interface Row {
  code: string;
  severity?: 'warning';
  ill: () => Promise<Visit>;
  /** A part of what is said, and of the line that mends it. */
  what: RegExp;
  fix: RegExp;
  healthy?: () => Promise<Visit>;
}

const at = async (url: Promise<string> | Promise<{ url: string }>, env: Env = {}): Promise<Visit> => {
  const found = await url;
  return { env: { ...endpoint(typeof found === 'string' ? found : found.url), ...env } };
};
const healthyServer = () => at(serve(accept));
const html = { 'content-type': 'text/html' };
const gzipRefused = () =>
  serve((request, response) => {
    response
      .writeHead(request.headers['content-encoding'] ? 400 : 200, { 'content-type': 'application/json' })
      .end('{}');
  });
const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
const dated = (skewMs: number) => say(200, { date: new Date(Date.now() + skewMs).toUTCString() });

const rows: Row[] = [
  {
    code: 'ENDPOINT_REFUSED',
    ill: async () => ({ env: endpoint(`http://127.0.0.1:${await closedPort()}`) }),
    what: /refuses the connection \(ECONNREFUSED\)/,
    fix: /^npx keeptrace dev --port \d+ {2}# or, .*: OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:4318$/,
  },
  {
    code: 'ENDPOINT_REFUSED',
    ill: () => at(serveRaw((socket) => socket.destroy())),
    what: /closed the connection without an answer/,
    fix: /collector’s log/,
  },
  {
    code: 'ENDPOINT_DNS',
    ill: async () => ({ env: endpoint('http://colector:4318'), world: lookup({ kind: 'failed', code: 'ENOTFOUND' })! }),
    what: /host name that does not resolve/,
    fix: /Correct the host in OTEL_EXPORTER_OTLP_ENDPOINT/,
    healthy: async () => {
      const { port } = await serve(accept);
      return { env: endpoint(`http://collector:${port}`), world: lookup(known('127.0.0.1'))! };
    },
  },
  {
    code: 'ENDPOINT_PATH',
    ill: () => at(serve(say(404))),
    what: /\/v1\/traces has no such path \(404\)/,
    fix: /\/v1\/traces is appended/,
  },
  {
    code: 'ENDPOINT_PATH',
    ill: async () => ({ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: (await serve(say(405))).url } }),
    what: /takes no POST \(405\)/,
    fix: /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http:\/\/127\.0\.0\.1:\d+\/v1\/traces$/,
  },
  {
    code: 'ENDPOINT_PATH',
    severity: 'warning',
    ill: async () => ({ env: endpoint(`${(await serve(accept)).url}/v1/traces`) }),
    what: /already ends in \/v1\/traces, which is added to this variable/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:\d+$/,
  },
  {
    code: 'ENDPOINT_IS_GRPC',
    ill: () => at(serveGrpc()),
    what: /speaks gRPC, and spans are sent to it over HTTP\/1\.1/,
    fix: /^OTEL_EXPORTER_OTLP_PROTOCOL=grpc$/,
    healthy: () => at(serveGrpc(), grpc),
  },
  {
    code: 'PROTOCOL_PORT_MISMATCH',
    ill: () => at(serve(accept), grpc),
    what: /does not speak gRPC, which is the protocol that is set/,
    fix: /^OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf$/,
    healthy: () => at(serveGrpc(), grpc),
  },
  {
    code: 'ENDPOINT_TLS',
    ill: async () => ({ env: endpoint((await serve(accept)).url.replace('http:', 'https:')) }),
    what: /does not speak TLS/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:\d+$/,
  },
  {
    code: 'ENDPOINT_TLS',
    ill: () => at(serveTls()),
    what: /certificate that this process does not trust/,
    fix: /^OTEL_EXPORTER_OTLP_CERTIFICATE=\/path\/to\/ca\.pem$/,
    healthy: async () => at(serveTls(), { OTEL_EXPORTER_OTLP_CERTIFICATE: selfSigned().file }),
  },
  {
    code: 'ENDPOINT_TLS',
    ill: async () => ({ env: endpoint((await serveTls()).replace('https:', 'http:')) }),
    what: /speaks TLS, and spans are sent in plain http/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=https:\/\/127\.0\.0\.1:\d+$/,
  },
  {
    code: 'ENDPOINT_TLS',
    ill: () => at(serve(say(400, { 'content-type': 'text/plain' }, 'Client sent an HTTP request to an HTTPS server.'))),
    what: /malformed \(400\): “Client sent an HTTP request/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=https:/,
  },
  {
    code: 'ENDPOINT_TLS',
    ill: () => at(serveGrpcTls(), grpc),
    what: /certificate that this process does not trust/,
    fix: /^OTEL_EXPORTER_OTLP_CERTIFICATE=/,
  },
  {
    code: 'ENDPOINT_TLS',
    ill: () => at(serveTls(), { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' }),
    what: /ca\.pem cannot be read \(ENOENT\).*tracing is off/,
    fix: /^OTEL_EXPORTER_OTLP_CERTIFICATE=/,
  },
  {
    code: 'ENDPOINT_IS_GRPC',
    ill: () => at(serveGrpcTls(), { OTEL_EXPORTER_OTLP_CERTIFICATE: selfSigned().file }),
    what: /speaks gRPC, and spans are sent to it over HTTP\/1\.1/,
    fix: /^OTEL_EXPORTER_OTLP_PROTOCOL=grpc$/,
  },
  {
    code: 'HEADERS_SYNTAX',
    ill: () => at(serveGrpc(), { ...grpc, OTEL_EXPORTER_OTLP_HEADERS: 'upgrade=CANARY' }),
    what: /cannot be sent/,
    fix: /OTEL_EXPORTER_OTLP_HEADERS/,
    healthy: () => at(serveGrpc(), { ...grpc, OTEL_EXPORTER_OTLP_HEADERS: 'x-team=CANARY' }),
  },
  {
    code: 'ENDPOINT_AUTH',
    ill: () => at(serve(say(401)), { OTEL_EXPORTER_OTLP_HEADERS: 'x-team=wrong' }),
    what: /does not accept the credentials \(401\)/,
    fix: /^OTEL_EXPORTER_OTLP_HEADERS=x-team=YOUR_KEY$/,
    healthy: () =>
      at(
        serve((request, response) => {
          response.writeHead(request.headers['x-team'] === 'right' ? 200 : 401).end();
        }),
        { OTEL_EXPORTER_OTLP_HEADERS: 'x-team=right' },
      ),
  },
  {
    code: 'ENDPOINT_AUTH',
    ill: () => at(serveGrpc(16, 'who are you'), grpc),
    what: /gRPC status 16: “who are you”/,
    fix: /^OTEL_EXPORTER_OTLP_HEADERS=x-api-key=YOUR_KEY$/,
  },
  {
    code: 'ENDPOINT_NOT_OTLP',
    ill: () => at(serve(say(200, html, '<!doctype html><title>Shop</title>'))),
    what: /answers with a web page/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:4318$/,
    healthy: () => at(serve(say(200, { 'content-type': 'application/json' }, '{"partialSuccess":{}}'))),
  },
  {
    code: 'ENDPOINT_NOT_OTLP',
    ill: () => at(serveGrpc('none'), grpc),
    what: /gRPC status 2: “it answers without one”/,
    fix: /Is it an OTLP receiver\?/,
    healthy: () => at(serveGrpc(), grpc),
  },
  {
    code: 'ENDPOINT_NOT_OTLP',
    severity: 'warning',
    ill: () => at(serve(say(200, { 'content-type': 'text/plain' }, 'hello'))),
    what: /says yes in text\/plain/,
    fix: /:4318$/,
  },
  {
    code: 'ENDPOINT_NOT_OTLP',
    ill: () => at(serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))),
    what: /answers, and not in HTTP/,
    fix: /:4318$/,
  },
  {
    code: 'ENDPOINT_REDIRECT',
    ill: () => at(serve(say(301, { location: 'https://otel.example/v1/traces?token=CANARY' }))),
    what: /redirects \(301\) to https:\/\/otel\.example\/v1\/traces/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=https:\/\/otel\.example$/,
  },
  {
    code: 'ENDPOINT_HANG',
    ill: async () => ({ ...(await at(silent())), world: { networkMs: 150 } }),
    what: /did not answer within \d+ ms/,
    fix: /overloaded/,
  },
  {
    code: 'ENDPOINT_HANG',
    ill: async () => ({
      env: endpoint('http://collector:4318'),
      world: lookup({ kind: 'failed', code: 'ERR_DEADLINE' })!,
    }),
    what: /No name server told the address of collector in time/,
    fix: /DNS/,
  },
  {
    code: 'ENDPOINT_SLOW',
    severity: 'warning',
    ill: () => at(serve((_request, response) => void setTimeout(() => response.end(), 1_050))),
    what: /took 1\.\d s to accept a batch without a single span/,
    fix: /nearby/,
  },
  {
    code: 'LOCALHOST_FAMILY',
    ill: async () => {
      const { port } = await serve(accept, '::1');
      return { env: endpoint(`http://127.0.0.1:${port}`) };
    },
    what: /^127\.0\.0\.1 refuses the connection \(ECONNREFUSED\), and ::1 on the same port takes it/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/\[::1\]:\d+$/,
    healthy: async () => {
      const { port } = await serve(accept);
      return { env: endpoint(`http://localhost:${port}`), world: lookup(known('::1', '127.0.0.1'))! };
    },
  },
  {
    code: 'PROXY',
    severity: 'warning',
    ill: async () => ({
      env: { ...endpoint(`http://collector:${await closedPort()}`), HTTP_PROXY: 'http://user:CANARY@proxy:3128' },
      world: lookup(known('127.0.0.1'))!,
    }),
    what: /HTTP_PROXY names the proxy proxy:3128, which spans do not go through/,
    fix: /COLLECTOR_INSIDE_THE_NETWORK/,
    healthy: async () => {
      const { port } = await serve(accept);
      const env = { ...endpoint(`http://collector:${port}`), HTTP_PROXY: 'http://proxy:3128' };
      return { env, world: lookup(known('127.0.0.1'))! };
    },
  },
  {
    code: 'COMPRESSION',
    ill: () => at(gzipRefused(), gzip),
    what: /takes a plain request and refuses the same one with gzip \(400\)/,
    fix: /^OTEL_EXPORTER_OTLP_COMPRESSION=none$/,
    healthy: () => at(gzipRefused()),
  },
  {
    code: 'COMPRESSION',
    ill: () =>
      at(
        serve((request, response) => {
          if (request.headers['content-encoding']) request.socket.destroy();
          else response.end();
        }),
        gzip,
      ),
    what: /refuses the same one with gzip \(ECONNRESET\)/,
    fix: /^OTEL_EXPORTER_OTLP_COMPRESSION=none$/,
    healthy: () => at(serve(accept), gzip),
  },
  {
    code: 'PAYLOAD_LIMIT',
    ill: () => at(serve(say(413))),
    what: /too large \(413\)/,
    fix: /^OTEL_BSP_MAX_EXPORT_BATCH_SIZE=64$/,
  },
  {
    code: 'THROTTLED',
    severity: 'warning',
    ill: () => at(serve(say(429))),
    what: /asks for less traffic \(429\)/,
    fix: /OTEL_TRACES_SAMPLER_ARG/,
  },
  {
    code: 'CLOCK_SKEW',
    severity: 'warning',
    ill: () => at(serve(dated(600_000))),
    what: /The clock of this machine is 10 min behind that of 127\.0\.0\.1/,
    fix: /^sudo timedatectl set-ntp true$/,
    healthy: () => at(serve(dated(-20_000))),
  },
];

describe.each(rows)('$code', ({ code, severity, ill, what, fix, healthy = healthyServer }) => {
  test(`is found, and said with its fix: ${what.source}`, async () => {
    const outcome = await examine(await ill());
    expect(codesOf(outcome)).toContain(code);
    const found = outcome.findings.find((finding) => finding.code === code)!;
    expect(found.severity).toBe(severity ?? 'error');
    expect(found.what).toMatch(what);
    expect(found.fix).toMatch(fix);
    expect(found.from).toBeTruthy();
    expect(JSON.stringify(outcome)).not.toContain('CANARY');
    expect(outcome.exitCode).toBe(outcome.findings.some((one) => one.severity === 'error') ? 2 : 1);
  });
  test(`is not found where all is in order (${what.source})`, async () => {
    const outcome = await examine(await healthy());
    expect(outcome.findings).toEqual([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.notes.join('\n')).toMatch(/accepts (http\/protobuf|grpc)/);
  });
});

test('one cause is told once', async () => {
  const https = (url: string) => url.replace('http:', 'https:');
  const both = lookup(known('::1', '127.0.0.1'))!;
  const found = await Promise.all([
    examine({ env: endpoint(`http://127.0.0.1:${await closedPort()}`) }),
    examine({ env: endpoint('http://x:4318'), world: lookup({ kind: 'failed', code: 'ENOTFOUND' })! }),
    examine({ env: endpoint(https((await serve(accept)).url)) }),
    examine({ env: endpoint(https((await serve(accept)).url).replace('127.0.0.1', 'localhost')), world: both }),
    examine({ env: endpoint((await serve(accept, '::1')).url.replace('[::1]', '127.0.0.1')) }),
  ]);
  expect(found.map(codesOf)).toEqual([
    ['ENDPOINT_REFUSED'],
    ['ENDPOINT_DNS'],
    ['ENDPOINT_TLS'],
    ['ENDPOINT_TLS'],
    ['LOCALHOST_FAMILY'],
  ]);
});

test('a gRPC endpoint gets the headers, too', async () => {
  const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_HEADERS: 'x-team=shop' };
  const seen: Record<string, unknown>[] = [];
  const url = await serveGrpc(0, '', (headers) => seen.push(headers));
  expect((await examine({ env: { ...endpoint(url), ...env } })).findings).toEqual([]);
  expect(seen).toMatchObject([{ 'x-team': 'shop', 'content-type': 'application/grpc', te: 'trailers' }]);
});

test('JSON is sent as JSON', async () => {
  const bodies: string[] = [];
  const { url } = await serve((request, response) => {
    bodies.push(`${request.headers['content-type']} ${request.headers['content-length']}`);
    response.end();
  });
  await examine({ env: { ...endpoint(url), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } });
  expect(bodies).toEqual(['application/json 20']);
});

test('the probe is a correct, empty request with the headers of the settings', async () => {
  const seen: Record<string, unknown>[] = [];
  const { url } = await serve((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    response.end();
  });
  await examine({ env: { ...endpoint(url), OTEL_EXPORTER_OTLP_HEADERS: 'x-team=a%20b' } });
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({
    method: 'POST',
    url: '/v1/traces',
    headers: { 'x-team': 'a b', 'content-type': 'application/x-protobuf', 'content-length': '2' },
  });
});

test('a redirect is not followed, so the key stays here', async () => {
  let asked = 0;
  const other = await serve((_request, response) => {
    asked++;
    response.end();
  });
  const { url } = await serve(say(307, { location: `${other.url}/v1/traces` }));
  expect(codesOf(await examine({ env: endpoint(url) }))).toEqual(['ENDPOINT_REDIRECT']);
  expect(asked).toBe(0);
});

test.each([
  [undefined, /^npx keeptrace dev$/],
  ['docker', /^npx keeptrace dev {2}# outside.*: OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/host\.docker\.internal:4318$/],
  ['kubernetes', /^npx keeptrace dev {2}# outside.*: OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/collector\.namespace:4318$/],
] as const)('nobody on 4318 of this machine, container: %s', (container, fix) => {
  const environment = readEnvironment(endpoint('http://localhost:4318'));
  const error = Object.assign(new Error(), { code: 'ECONNREFUSED' });
  const facts: Partial<Facts> = {
    environment,
    container,
    resolved: resolveEnvironment(environment, { dependencies: [], scripts: {} }),
    network: { lookup: known('127.0.0.1'), probe: { kind: 'none', error, ms: 1 }, each: [] },
  };
  const [found] = checkConnection(facts as Facts);
  expect(found).toMatchObject({ code: 'ENDPOINT_REFUSED', fix: expect.stringMatching(fix) });
});
