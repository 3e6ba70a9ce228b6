// `initTracing()` below the imports: what has been loaded by then is traced all the same, or named.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { runApp } from '../support/processes.ts';

const source = readFileSync(join(import.meta.dirname, 'fixtures/loaded-early.mjs'), 'utf8');
/** Tracing is started by the first import, when all others are linked and none is evaluated. */
const linked = source
  .replace(/^import \{ initTracing \}.*\n/m, '')
  .replace(/^initTracing\(\);\n/m, '')
  .replace(/^import/m, "import 'keeptrace/register';\nimport");
const required = source.replace(/^import (.+) from (.+);$/gm, 'const $1 = require($2);');
// Inside the repository, where its dependencies and keeptrace itself are found.
const folder = mkdtempSync(join(import.meta.dirname, 'fixtures/loaded-early-'));
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function run(name: string, text: string, env: Record<string, string> = {}) {
  receiver.clear();
  const script = join(folder, name);
  writeFileSync(script, text);
  const app = runApp({
    args: [script],
    env: { OTEL_SERVICE_NAME: 'late', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  });
  expect((await app.exit).code).toBe(0);
  return app;
}

test.each([
  ['ES module', 'late.mjs', source],
  ['ES module that starts tracing by its first import', 'linked.mjs', linked],
  ['CommonJS', 'late.cjs', required],
])(
  '%s: clients, routes and loggers that were loaded before are traced, and those that cannot be are named',
  async (_form, name, text) => {
    const app = await run(name, text);
    const names = receiver.spans.map((span) => span.name);
    expect(names).toEqual(expect.arrayContaining(['GET /items/:id', 'pg.connect', 'SQS.ListQueues']));
    expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).toBe(1);
    const lines = app
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const traced = lines.filter(({ message, msg }) => (message ?? msg) === 'traced');
    expect(traced.map((line) => line.trace_id)).toEqual(Array(2).fill(receiver.spans[0]!.traceId));
    expect(lines.find(({ msg }) => msg === 'untraced')).not.toHaveProperty('trace_id');
    expect(app.stderr()).toMatch(
      /^keeptrace: pino was loaded before tracing started, .*DISABLED_INSTRUMENTATIONS=pino\.?$/m,
    );
    expect(app.stderr().match(/loaded before/g)).toHaveLength(1);
  },
);

test('what is switched off is neither patched nor named', async () => {
  const app = await run('off.cjs', required, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pino,pg' });
  expect(app.stderr()).not.toContain('loaded before');
  expect(receiver.spans.map((span) => span.name)).not.toContain('pg.connect');
});
