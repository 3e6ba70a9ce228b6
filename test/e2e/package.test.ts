// The package as its users get it: packed, checked, installed into an empty folder, and run from there.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { runApp } from '../support/processes.ts';

const root = join(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
let folder: string;
let tarball: string;

const npm = (args: string[]) =>
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Output of a command in the fresh folder, whatever its exit code. */
function run(command: string, args: string[]): string {
  const { stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

const packed = () => execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeptrace-package-'));
  tarball = join(folder, npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, root]).trim());
  writeFileSync(join(folder, 'package.json'), '{ "name": "fresh-shop", "version": "1.4.0", "private": true }');
  npm([
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    tarball,
    '@opentelemetry/api@1.10.0',
  ]);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('publint finds nothing to mend', async () => {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer },
    strict: true,
  });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('the types resolve in every mode of import and require', () => {
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const output = execFileSync(process.execPath, [attw, tarball, '--format', 'json'], {
    encoding: 'utf8',
  });
  const { analysis } = JSON.parse(output);
  expect(Object.keys(analysis.entrypoints).sort()).toEqual([
    '.',
    './messaging',
    './package.json',
    './register',
    './testing',
  ]);
  expect(analysis.problems).toEqual([]);
}, 60_000);

test.each([
  ['import', 'consumer.mts'],
  ['require', 'consumer.cts'],
])(
  '%s: a strict consumer compiles against the types',
  (_, file) => {
    writeFileSync(
      join(folder, file),
      `import { ConfigError, initTracing, withSpan, traceFields, type Tracing, type TracingOptions } from 'keeptrace';
     import { captureSpans, keeptraceMatchers, receiveOtlp, spanTree, type CapturedSpan } from 'keeptrace/testing';
     import { processMessage, receiveOptions, type QueueMessage } from 'keeptrace/messaging';
     const options: TracingOptions = { serviceName: 'shop', sampleRatio: 0.5, ignorePaths: ['/up'] };
     const tracing: Tracing = initTracing(options);
     const sync: number = withSpan('add', () => 1 + 1);
     const later: Promise<string> = withSpan('read', { attributes: { 'order.id': 7 } }, async (span) => {
       span.setAttribute('attempt', 1);
       return 'done';
     });
     const dropped: Promise<number> = tracing.shutdown().then((result) => result.dropped);
     // @ts-expect-error a ratio is a number
     initTracing({ sampleRatio: '10%' });
     const message: QueueMessage = { MessageId: 'm-1', Body: '{}', Attributes: { SentTimestamp: '1' } };
     const processed: Promise<number> = processMessage(message, { name: 'job' }, ({ message }) => message.json<number[]>().length);
     const names: string[] = receiveOptions().MessageSystemAttributeNames;
     // @ts-expect-error a job has a name
     processMessage(message, {}, () => 1);
     const captured: Promise<CapturedSpan[]> = captureSpans(() => sync, { timeoutMs: 10 });
     const text: Promise<string> = receiveOtlp().then((otlp) => spanTree(otlp.spans, { durations: false }));
     // @ts-expect-error a span is more than a name
     spanTree([{ name: 'GET /' }]);
     export { captured, text, keeptraceMatchers, names, processed, ConfigError, dropped, later, sync, traceFields };`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const types = ['--typeRoots', join(root, 'node_modules/@types')];
    // Everything is checked, our declarations included: no skipLibCheck.
    expect(run(process.execPath, [tsc, ...flags, ...types, file])).toBe('');
  },
  60_000,
);

test('at most 40 packages come along, none of them with an install script', () => {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; hasInstallScript?: boolean }>;
  };
  const paths = Object.keys(packages).filter((path) => path !== '' && path !== 'node_modules/keeptrace');
  expect(paths.length).toBeLessThanOrEqual(40);
  expect(paths.filter((path) => packages[path]?.hasInstallScript)).toEqual([]);
  // One copy of everything with state in it. The instrumentation base is stateless; http pins another patch of it.
  const copies = paths.map((path) => path.slice(path.lastIndexOf('node_modules/') + 13));
  expect(copies.filter((name, at) => copies.indexOf(name) !== at)).toEqual(['@opentelemetry/instrumentation']);
});

test('the tarball holds what runs and what explains it, and nothing else', () => {
  const outside = packed()
    .filter((file) => !/^package\/(?:dist|docs)\//.test(file))
    .sort();
  expect(outside).toEqual([
    'package/.env.example',
    'package/CHANGELOG.md',
    'package/LICENSE',
    'package/README.md',
    'package/package.json',
  ]);
  const docs = packed().filter((file) => file.startsWith('package/docs/'));
  expect(docs).toContain('package/docs/configuration.md');
  expect(docs.filter((file) => !file.endsWith('.md'))).toEqual([]);
  expect(statSync(tarball).size).toBeLessThan(700_000);
});

test('every relative link of a packed page leads to a packed file', () => {
  const files = packed();
  const pages = files.filter((file) => file.endsWith('.md'));
  const dead = pages.flatMap((page) => {
    const prose = execFileSync('tar', ['-xzOf', tarball, page], { encoding: 'utf8' }).replaceAll(/```[\s\S]*?```/g, '');
    return [...prose.matchAll(/\]\(([^)\s#]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !files.some((file) => file.startsWith(posix.join(posix.dirname(page), target))))
      .map((target) => `${page}: ${target}`);
  });
  expect(pages.length).toBeGreaterThan(5);
  expect(dead).toEqual([]);
});

const check = `
  const { initTracing, withSpan, traceFields, ConfigError } = keeptrace;
  const tracing = initTracing({ serviceName: 'fresh' });
  const fields = withSpan('pack a parcel', () => traceFields());
  let refused;
  try { withSpan('fail', () => { throw new TypeError('no parcel'); }); } catch (error) { refused = error.message; }
  tracing.shutdown().then((result) => console.log(JSON.stringify({ fields, refused, result, stats: tracing.stats(), config: typeof ConfigError })));
`;

test.each([
  ['import', 'app.mjs', `import * as keeptrace from 'keeptrace';${check}`],
  ['require', 'app.cjs', `const keeptrace = require('keeptrace');${check}`],
])('%s: the surface works from a fresh folder and its spans arrive', async (_, file, source) => {
  writeFileSync(join(folder, file), source);
  const receiver = await startReceiver();
  const app = runApp({ args: [file], cwd: folder, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  expect(await app.exit).toMatchObject({ code: 0 });
  const { fields, refused, result, stats } = JSON.parse(app.stdout());
  const spans = await receiver.waitFor((received) => received.length === 2);
  await receiver.close();

  // What was kept for its error goes first.
  expect(spans.map((span) => [span.name, span.status.code])).toEqual([
    ['fail', 'error'],
    ['pack a parcel', 'unset'],
  ]);
  expect(fields).toMatchObject({ trace_id: spans[1]?.traceId, span_id: spans[1]?.spanId });
  expect(refused).toBe('no parcel');
  expect(result).toEqual({ flushed: 2, spooled: 0, dropped: 0 });
  expect(stats).toMatchObject({ ended: 2, accepted: 2 });
  expect(spans[0]?.resource).toMatchObject({
    'service.name': 'fresh',
    'service.version': '1.4.0',
    'telemetry.distro.name': 'keeptrace',
    'telemetry.distro.version': manifest.version,
  });
});

test.each([
  ['--import', 'preload.mjs', `import { createServer } from 'node:http';`],
  ['--require', 'preload.cjs', `const { createServer } = require('node:http');`],
])('%s keeptrace/register works from a fresh folder', async (flag, file, load) => {
  writeFileSync(
    join(folder, file),
    `${load}
     const server = createServer((request, response) => response.end('hello'));
     server.listen(0, '127.0.0.1', async () => {
       await (await fetch('http://127.0.0.1:' + server.address().port + '/items/42')).text();
       server.close();
     });`,
  );
  const receiver = await startReceiver();
  const app = runApp({
    args: [flag, 'keeptrace/register', file],
    cwd: folder,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  expect(await app.exit).toMatchObject({ code: 0 });
  await receiver.close();
  expect(receiver.spans.map((span) => `${span.kind} ${span.name}`).sort()).toEqual([
    'client GET',
    'server GET /items/{id}',
  ]);
  expect(new Set(receiver.spans.map((span) => span.traceId)).size).toBe(1);
});

test('the command runs from a fresh folder', () => {
  const output = run(process.execPath, ['node_modules/.bin/keeptrace', 'settings']);
  expect(output).toMatch(/serviceName +fresh-shop /);
});

test('protocol grpc without its optional packages: one line says what to install, and the app runs', async () => {
  writeFileSync(join(folder, 'grpc.mjs'), `console.log('served');`);
  const app = runApp({
    args: ['--import', 'keeptrace/register', 'grpc.mjs'],
    cwd: folder,
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_SERVICE_NAME: 'fresh' },
  });
  expect(await app.exit).toMatchObject({ code: 0 });
  expect(app.stdout()).toBe('served\n');
  expect(app.stderr()).toMatch(/^keeptrace: .*npm install @opentelemetry\/exporter-trace-otlp-grpc.*\n$/);
});
