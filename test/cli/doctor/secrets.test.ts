// A planted secret appears in no form of the outcome, wherever it stands and whoever says it.
import { expect, test } from 'vitest';
import { keepSecret, secretsOf } from '../../../src/cli/doctor/keep-secret.ts';
import { asJson, asReport } from '../../../src/cli/doctor/report.ts';
import { asText } from '../../../src/cli/doctor/text.ts';
import { plain } from '../../../src/cli/paint.ts';
import { resolveSettings } from '../../../src/config/resolve.ts';
import { accept, closedPort, examine, folder, say, serve, serveGrpc, type Visit } from './clinic.ts';

const SECRET = 'CANARY-4f9a';
const BASIC = Buffer.from(`user:${SECRET}`).toString('base64');
const echo = (...extra: string[]) =>
  serve((request, response) => {
    const said = [`key ${request.headers['x-api-key']}`, `url ${request.url}`, ...extra].join(' ');
    response.writeHead(401, { 'content-type': 'text/plain', 'www-authenticate': said }).end(said);
  });
const key = { OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${SECRET}` };
const base = (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });

const places: Record<string, () => Promise<Visit>> = {
  'a header that the server repeats': async () => ({ env: { ...base((await echo()).url), ...key } }),
  'a bearer token that the server repeats': async () => ({
    env: {
      ...base(
        (
          await serve((request, response) =>
            response.writeHead(403, { 'content-type': 'text/plain' }).end(request.headers.authorization),
          )
        ).url,
      ),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${SECRET}`,
    },
  }),
  'basic credentials that the server repeats, decoded': async () => ({
    env: {
      ...base((await echo(`user:${SECRET}`)).url),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20${BASIC}`,
    },
  }),
  'a header that a gRPC server repeats': async () => ({
    env: { ...base(await serveGrpc(16, `bad key ${SECRET}`)), ...key, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  }),
  'a mangled header': async () => ({
    env: { ...base((await serve(accept)).url), OTEL_EXPORTER_OTLP_HEADERS: `x;${SECRET},a=1` },
  }),
  'a header without a scheme': async () => ({
    env: { ...base((await serve(say(401))).url), OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET}` },
  }),
  'userinfo of the endpoint': async () => ({ env: base(`https://user:${SECRET}@127.0.0.1:4318`) }),
  'userinfo that is broken': async () => ({ env: base(`https://user:${SECRET}/@127.0.0.1:99999`) }),
  'the query of an endpoint that accepts': async () => ({
    env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${(await serve(accept)).url}/in?token=${SECRET}` },
  }),
  'the query of an endpoint that refuses': async () => ({
    env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${(await echo()).url}/in?token=${SECRET}` },
  }),
  'the query of an endpoint that nobody listens at': async () => ({
    env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${await closedPort()}/in?token=${SECRET}` },
  }),
  'the address of a redirect': async () => ({
    env: base((await serve(say(302, { location: `https://u:${SECRET}@otel.example/x?key=${SECRET}#${SECRET}` }))).url),
  }),
  'a proxy': async () => ({
    env: { ...base('http://collector:4318'), HTTP_PROXY: `http://user:${SECRET}@proxy:3128/?${SECRET}` },
    world: { lookupHost: async () => ({ kind: 'failed', code: 'ENOTFOUND' }) },
  }),
  'a proxy that is no address': async () => ({
    env: { ...base('http://collector:4318'), HTTP_PROXY: `user:${SECRET}@:x` },
    world: { lookupHost: async () => ({ kind: 'failed', code: 'ENOTFOUND' }) },
  }),
  'a resource attribute': async () => ({
    env: { ...base((await serve(accept)).url), OTEL_RESOURCE_ATTRIBUTES: `db.password=${SECRET},${SECRET}` },
  }),
  'an address as the name of the service': async () => ({
    env: { ...base((await serve(accept)).url), OTEL_SERVICE_NAME: `https://user:${SECRET}@shop?key=${SECRET}` },
  }),
  'a script and a file of variables': async () => ({
    env: base((await serve(accept)).url),
    world: {
      cwd: folder({
        'package.json': { name: 'shop', scripts: { start: `DB=${SECRET} node -r dd-trace/init ${SECRET}.js` } },
        '.env': `OTEL_EXPORTER_OTLP_HEADERS=x-api-key=${SECRET}\n`,
      }),
    },
  }),
};

test.each(Object.keys(places))('%s', async (place) => {
  const outcome = await examine(await places[place]!());
  const forms = [asText(outcome, plain), asJson(outcome), asReport(outcome)];
  for (const form of forms) {
    expect(form.length).toBeGreaterThan(100);
    expect(form).not.toContain(SECRET);
    expect(form).not.toContain(BASIC);
  }
});

test('what a server says cannot write to the terminal, nor into the Markdown', async () => {
  const { url } = await serve(say(403, { 'content-type': 'text/plain' }, 'no\u001b[2J <img src=x> | `x`'));
  const outcome = await examine({ env: { ...base(url), OTEL_SERVICE_NAME: 'a\u001b[31mb' } });
  const text = asText(outcome, plain);
  expect(text).toContain('no [2J <img src=x>');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  const report = asReport(outcome);
  expect(report).not.toContain('<img');
  expect(report).toContain('&lt;img src=x> \\|');
});

test('no text of a finding can write to the terminal', () => {
  const text = asText(
    {
      findings: [{ code: 'X', severity: 'error', what: 'w\u001b[2J', from: 'f\u001b[2J', fix: 'x\u0007' }],
      notes: ['n\u001b[2J'],
      unseen: ['u\u001b[2J'],
      stages: [{ name: 'loaded', count: 0, detail: 'd\u001b[2J' }],
      settings: [],
      versions: { keeptrace: '1', node: '2' },
      exitCode: 2,
    },
    plain,
  );
  for (const part of ['w', 'f', 'n', 'u', 'd']) expect(text).toContain(`${part}\\x1b[2J`);
  expect(text).toContain('x\\x07');
  expect(text).not.toContain('\u001b');
});

test('arguments of the command and values of headers are taken out, whoever says them', () => {
  const { settings } = resolveSettings({
    env: {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20header-canary',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otel.example/x?k=query-canary',
    },
  });
  const command = [
    'node',
    'server.js',
    '--api-token=argument-canary',
    '--db-password',
    'next-canary',
    '--port',
    '3000',
  ];
  const secrets = secretsOf(settings, command);
  const said = {
    findings: [{ fix: `run ${command.join(' ')}`, what: 'header-canary and query-canary, Bearer header-canary' }],
    count: 3,
    notes: ['postgres://user:canary@db/x'],
  };
  expect(keepSecret(said, secrets)).toEqual({
    findings: [{ fix: 'run node server.js --api-token=*** --db-password *** --port 3000', what: '*** and ***, ***' }],
    count: 3,
    notes: ['postgres://***@db/x'],
  });
});

test('sentences are broken at the edge of the terminal, lines to paste are not', async () => {
  const outcome = await examine({ env: base(`http://127.0.0.1:${await closedPort()}`) });
  const long = { ...outcome.findings[0]!, what: 'word '.repeat(30).trim(), fix: 'paste '.repeat(30).trim() };
  const lines = asText({ ...outcome, findings: [long] }, plain, 60).split('\n');
  const broken = lines.filter((line) => line.includes('word'));
  expect(broken.length).toBeGreaterThan(2);
  for (const line of broken) expect(line.length).toBeLessThanOrEqual(60);
  expect(broken[1]).toMatch(/^ {6}word/);
  expect(lines.filter((line) => line.includes('paste'))).toHaveLength(1);
});
