// What the doctor finds without a request: settings, package.json, the Node at hand.
import { describe, expect, test } from 'vitest';
import { preloadedAgents } from '../../../src/cli/doctor/agents.ts';
import { checkNode } from '../../../src/cli/doctor/checks-machine.ts';
import type { Facts } from '../../../src/cli/doctor/facts.ts';
import { installed } from '../../../src/cli/doctor/installed.ts';
import { proxyFor } from '../../../src/cli/doctor/proxy.ts';
import { satisfies } from '../../../src/cli/doctor/run/satisfies.ts';
import { accept, closedPort, codesOf, endpoint, examine, folder, serve, serveGrpc, type Visit } from './clinic.ts';

interface Row {
  code: string;
  severity?: 'warning';
  ill: Visit;
  what: RegExp;
  from: RegExp;
  fix: RegExp;
  healthy: Visit;
}

const headers = (text: string): Visit => ({ env: { OTEL_EXPORTER_OTLP_HEADERS: text } });
const sampler = (name: string, argument = '', rest = {}): Visit => ({
  env: { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument, ...rest },
});
const lacking = (missing: string): Visit['world'] => ({
  installed: (name) => (name === missing ? undefined : installed(name)),
});
const NOTHING_KEPT = { KEEPTRACE_KEEP_ERRORS: 'false', KEEPTRACE_SLOW_MS: 'off' };

const rows: Row[] = [
  {
    code: 'HEADERS_SYNTAX',
    ill: headers('x-api-key:CANARY'),
    what: /entry 1, which is not name=value/,
    from: /^OTEL_EXPORTER_OTLP_HEADERS in the environment$/,
    fix: /^OTEL_EXPORTER_OTLP_HEADERS=x-api-key=YOUR_KEY$/,
    healthy: headers('x-api-key=CANARY'),
    severity: 'warning',
  },
  {
    code: 'HEADERS_SYNTAX',
    ill: headers('authorization=CANARY'),
    what: /authorization in OTEL_EXPORTER_OTLP_HEADERS has no scheme before its key/,
    from: /^OTEL_EXPORTER_OTLP_HEADERS in the environment$/,
    fix: /^OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20YOUR_KEY$/,
    healthy: headers('authorization=Bearer%20CANARY'),
    severity: 'warning',
  },
  {
    code: 'SDK_DISABLED',
    ill: { env: { OTEL_SDK_DISABLED: ' TRUE ' } },
    what: /switched off/,
    from: /^OTEL_SDK_DISABLED in the environment$/,
    fix: /^unset OTEL_SDK_DISABLED$/,
    healthy: { env: { OTEL_SDK_DISABLED: 'false' } },
  },
  {
    code: 'EXPORTER_NONE',
    ill: { env: { OTEL_TRACES_EXPORTER: 'none' } },
    what: /sent nowhere/,
    from: /^OTEL_TRACES_EXPORTER in the environment$/,
    fix: /^OTEL_TRACES_EXPORTER=otlp$/,
    healthy: { env: { OTEL_TRACES_EXPORTER: 'otlp' } },
  },
  {
    code: 'EXPORTER_NONE',
    severity: 'warning',
    ill: { env: { OTEL_TRACES_EXPORTER: 'console' } },
    what: /written to the console/,
    from: /^OTEL_TRACES_EXPORTER/,
    fix: /^OTEL_TRACES_EXPORTER=otlp$/,
    healthy: {},
  },
  {
    code: 'EXPORTER_NONE',
    severity: 'warning',
    ill: { env: { OTEL_TRACES_EXPORTER: 'jaeger' } },
    what: /names an exporter that keeptrace does not ship/,
    from: /^OTEL_TRACES_EXPORTER/,
    fix: /^OTEL_TRACES_EXPORTER=otlp$/,
    healthy: {},
  },
  {
    code: 'SAMPLER_DROPS',
    ill: sampler('always_off', '', NOTHING_KEPT),
    what: /keeps none of 1,000 traces \(always_off\), and nothing else keeps one/,
    from: /^OTEL_TRACES_SAMPLER in the environment$/,
    fix: /^OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG=0\.1$/,
    healthy: sampler('always_on', '', NOTHING_KEPT),
  },
  {
    code: 'SAMPLER_DROPS',
    severity: 'warning',
    ill: sampler('', '0'),
    what: /0 %\): only errors and requests over 1000 ms are seen/,
    from: /^OTEL_TRACES_SAMPLER_ARG in the environment$/,
    fix: /^OTEL_TRACES_SAMPLER_ARG=0\.1$/,
    healthy: sampler('', '0.001'),
  },
  {
    code: 'SAMPLER_DROPS',
    severity: 'warning',
    ill: sampler('', '5'),
    what: /OTEL_TRACES_SAMPLER_ARG=5 is out of range/,
    from: /^OTEL_TRACES_SAMPLER_ARG in the environment$/,
    fix: /^OTEL_TRACES_SAMPLER_ARG=0\.05$/,
    healthy: sampler('', '0.05'),
  },
  {
    code: 'TWO_AGENTS',
    ill: { env: { NODE_OPTIONS: '--max-old-space-size=512 -r dd-trace/init' } },
    what: /dd-trace is loaded into the process, too/,
    from: /^NODE_OPTIONS in the environment$/,
    fix: /^Take dd-trace out of NODE_OPTIONS\.$/,
    healthy: { env: { NODE_OPTIONS: '--import keeptrace/register' } },
  },
  {
    code: 'TWO_AGENTS',
    ill: { packageJson: { name: 'shop', scripts: { start: 'node --require newrelic server.js' } } },
    what: /newrelic is loaded/,
    from: /^the script start in package\.json$/,
    fix: /^Take newrelic out of the script start in package\.json\.$/,
    healthy: { packageJson: { name: 'shop', scripts: { start: 'node --require ./newrelic.cjs server.js' } } },
  },
  {
    code: 'TWO_AGENTS',
    severity: 'warning',
    ill: { packageJson: { name: 'shop', dependencies: { 'elastic-apm-node': '^4.0.0' } } },
    what: /elastic-apm-node is installed/,
    from: /^dependencies in package\.json$/,
    fix: /^npm uninstall elastic-apm-node$/,
    healthy: { packageJson: { name: 'shop', dependencies: { keeptrace: '^0.1.0', pino: '^10.0.0' } } },
  },
  {
    code: 'INSTRUMENTATION_DISABLED',
    severity: 'warning',
    ill: { env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'htpp' } },
    what: /names an unknown instrumentation, htpp/,
    from: /^OTEL_NODE_DISABLED_INSTRUMENTATIONS in the environment$/,
    fix: /^OTEL_NODE_DISABLED_INSTRUMENTATIONS=http$/,
    healthy: { env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'fs,dns,net' } },
  },
  {
    code: 'SERVICE_NAME_MISSING',
    severity: 'warning',
    ill: { env: { OTEL_SERVICE_NAME: '' }, packageJson: { name: 'shop-api' } },
    what: /guessed.*called shop-api/,
    from: /^OTEL_SERVICE_NAME is not set$/,
    fix: /^OTEL_SERVICE_NAME=shop-api$/,
    healthy: { env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' } },
  },
  {
    code: 'SERVICE_NAME_MISSING',
    severity: 'warning',
    ill: { env: { OTEL_SERVICE_NAME: '' } },
    what: /no package\.json gives a name.*unknown_service:node/,
    from: /^OTEL_SERVICE_NAME is not set$/,
    fix: /^OTEL_SERVICE_NAME=checkout$/,
    healthy: {},
  },
  {
    code: 'NODE_VERSION',
    ill: { world: { nodeVersion: '20.20.2' } },
    what: /Node 20\.20\.2 runs here, and keeptrace and \d more need >=22\.15\.0/,
    from: /the Node on the PATH/,
    fix: /^nvm install 24$/,
    healthy: { world: { nodeVersion: '22.15.0' } },
  },
  {
    code: 'API_COPIES',
    ill: { world: lacking('@opentelemetry/api')! },
    what: /@opentelemetry\/api is not installed, and keeptrace needs 1\.10/,
    from: /^node_modules$/,
    fix: /^npm install @opentelemetry\/api@1\.10$/,
    healthy: {},
  },
  {
    code: 'API_COPIES',
    ill: { world: { installed: (name) => ({ ...installed(name)!, version: '1.9.1' }) } },
    what: /@opentelemetry\/api is installed as 1\.9\.1/,
    from: /^node_modules$/,
    fix: /^npm install @opentelemetry\/api@1\.10$/,
    healthy: {},
  },
  {
    code: 'ENDPOINT_SCHEME',
    ill: { env: endpoint('grpc://collector:4317?token=CANARY') },
    what: /has the scheme grpc.*tracing is off/,
    from: /^OTEL_EXPORTER_OTLP_ENDPOINT in the environment$/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/collector:4317/,
    healthy: {},
  },
  {
    code: 'KT_ENDPOINT_CREDENTIALS',
    ill: { env: endpoint('https://user:CANARY@otel.example') },
    what: /carries a user name or a password/,
    from: /^OTEL_EXPORTER_OTLP_ENDPOINT in the environment$/,
    fix: /^OTEL_EXPORTER_OTLP_ENDPOINT=https:\/\/otel\.example and the credentials in OTEL_EXPORTER_OTLP_HEADERS=/,
    healthy: {},
  },
  {
    code: 'KT_UNKNOWN_VARIABLE',
    severity: 'warning',
    ill: { env: { OTEL_SERVCE_NAME: 'shop' } },
    what: /did you mean OTEL_SERVICE_NAME\?/,
    from: /^OTEL_SERVCE_NAME in the environment$/,
    fix: /^OTEL_SERVICE_NAME=…$/,
    healthy: {},
  },
];

const collector = serve(accept);
const besideACollector = async (visit: Visit): Promise<Visit> => ({
  ...visit,
  env: { ...endpoint((await collector).url), ...visit.env },
});

describe.each(rows)('$code', ({ code, severity, ill, what, from, fix, healthy }) => {
  test(`is found, and said with its fix: ${what.source}`, async () => {
    const outcome = await examine(await besideACollector(ill));
    expect(codesOf(outcome)).toEqual([code]);
    expect(outcome.findings[0]).toMatchObject({
      severity: severity ?? 'error',
      what: expect.stringMatching(what),
      from: expect.stringMatching(from),
      fix: expect.stringMatching(fix),
    });
    expect(JSON.stringify(outcome)).not.toContain('CANARY');
  });
  test(`is not found where all is in order (${what.source})`, async () => {
    expect((await examine(await besideACollector(healthy))).findings).toEqual([]);
  });
});

test('ENDPOINT_SCHEME: a missing scheme is a warning as long as spans are accepted', async () => {
  const { port } = await collector;
  const outcome = await examine({ env: endpoint(`localhost:${port}`) });
  expect(outcome.findings).toMatchObject([
    { code: 'ENDPOINT_SCHEME', severity: 'warning', fix: `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${port}` },
  ]);
});

test('PROTOCOL_PORT_MISMATCH: HTTP to 4317 is an error when nothing answers there, and the fix is the other port', async () => {
  const lookupHost = async () => ({ kind: 'failed', code: 'ENOTFOUND' }) as const;
  const outcome = await examine({ env: endpoint('http://collector:4317'), world: { lookupHost } });
  expect(outcome.findings).toMatchObject([
    { code: 'ENDPOINT_DNS' },
    {
      code: 'PROTOCOL_PORT_MISMATCH',
      severity: 'error',
      fix: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318',
    },
  ]);
  const grpc = { ...endpoint('http://collector:4318'), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(codesOf(await examine({ env: grpc, world: { lookupHost } }))).toContain('PROTOCOL_PORT_MISMATCH');
});

test('GRPC_PACKAGES: the protocol grpc without its packages', async () => {
  const env = { ...endpoint(await serveGrpc()), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const ill = await examine({ env, world: lacking('@grpc/grpc-js')! });
  expect(ill.findings).toMatchObject([
    { code: 'GRPC_PACKAGES', severity: 'error', fix: expect.stringMatching(/^npm install .*@grpc\/grpc-js$/) },
  ]);
  expect(codesOf(await examine({ env }))).toEqual([]);
});

test('whoever switched tracing off is told that alone, and nothing is sent', async () => {
  const port = await closedPort();
  const env = { ...endpoint(`http://127.0.0.1:${port}`), OTEL_SDK_DISABLED: 'true', OTEL_TRACES_SAMPLER: 'always_off' };
  const outcome = await examine({ env });
  expect(codesOf(outcome)).toEqual(['SDK_DISABLED']);
  expect([outcome.exitCode, outcome.notes]).toEqual([2, []]);
});

test('a file of variables is read when it is named, and pointed out when it is not', async () => {
  const { url } = await collector;
  const cwd = folder({ '.env': `OTEL_EXPORTER_OTLP_ENDPOINT=${url}/v1/traces\nPASSWORD=CANARY\n` });
  const unread = await examine({ env: endpoint(url), world: { cwd } });
  expect(unread.unseen[0]).toMatch(/^\.env sets OTEL_EXPORTER_OTLP_ENDPOINT and was not read: add --env-file \.env/);
  const read = await examine({ envFiles: [`${cwd}/.env`], world: { cwd } });
  expect(read.findings[0]).toMatchObject({
    code: 'ENDPOINT_PATH',
    from: `OTEL_EXPORTER_OTLP_ENDPOINT in ${cwd}/.env`,
  });
  expect(read.unseen.join()).not.toContain('was not read');
  expect(JSON.stringify([unread, read])).not.toContain('CANARY');
});

test.each([
  ['22.15.0', '>=22.15.0', true],
  ['22.14.9', '>=22.15.0', false],
  ['24.0.0', '^22.15.0 || >=24.0.0', true],
  ['23.0.0', '^22.15.0 || >=24.0.0', false],
  ['18.20.0', '>=18 <20', true],
  ['20.0.0', '>=18 <20', false],
  ['20.0.0', '>= 18 < 20', false],
  ['22.1.0', '22.x', true],
  ['23.1.0', '22', false],
  ['22.3.9', '~22.3.1', true],
  ['25.0.0-nightly', '*', true],
])('Node %s inside %s: %s', (version, range, inside) => {
  expect(satisfies(version, range)).toBe(inside);
});

test('the check of Node names one package alone by its name', () => {
  const facts = {
    node: {
      version: '20.0.0',
      needs: [
        { name: 'a', range: '>=22' },
        { name: 'b', range: '>=18' },
      ],
    },
  };
  expect(checkNode(facts as unknown as Facts)[0]?.what).toContain('and a needs >=22:');
});

test.each([
  ['--require dd-trace/init', ['dd-trace']],
  ['--import=/app/node_modules/@splunk/otel/instrument.js', ['@splunk/otel']],
  ['node -r "newrelic" server.js', ['newrelic']],
  ['--require @opentelemetry/auto-instrumentations-node/register', ['@opentelemetry/auto-instrumentations-node']],
  ['--import keeptrace/register --require ./dd-trace.js', []],
  ['node dd-trace-report.js', []],
])('the agents in %s', (text, agents) => {
  expect(preloadedAgents(text)).toEqual(agents);
});

test.each([
  ['https://otel.example', { HTTPS_PROXY: 'http://u:p@proxy:3128/x?y' }, 'HTTPS_PROXY proxy:3128'],
  ['http://otel.example', { HTTPS_PROXY: 'http://proxy:3128' }, undefined],
  ['http://otel.example', { ALL_PROXY: 'proxy:3128' }, 'ALL_PROXY proxy:3128'],
  ['http://otel.example', { http_proxy: 'http://low:1', HTTP_PROXY: 'http://high:1' }, 'http_proxy low:1'],
  ['http://otel.example', { HTTP_PROXY: 'http://proxy:1', NO_PROXY: 'a, .example' }, undefined],
  ['http://otel.example', { HTTP_PROXY: 'http://proxy:1', NO_PROXY: '*.example' }, undefined],
  ['http://otel.example', { HTTP_PROXY: 'http://proxy:1', NO_PROXY: '*' }, undefined],
  ['http://otel.example:4318', { HTTP_PROXY: 'http://proxy:1', NO_PROXY: 'otel.example:4318' }, undefined],
  [
    'http://otel.example:4318',
    { HTTP_PROXY: 'http://proxy:1', NO_PROXY: 'otel.example:80,ample' },
    'HTTP_PROXY proxy:1',
  ],
])('the proxy for %s in %j', (url, variables, expected) => {
  const proxy = proxyFor(new URL(url), variables);
  expect(proxy && `${proxy.variable} ${proxy.host}`).toBe(expected);
});
