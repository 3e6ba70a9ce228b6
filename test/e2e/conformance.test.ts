// The acceptance cases of messaging, each on an ES module, on CommonJS, and on one file that esbuild has made of the app and
// its AWS clients. `stock` is what @opentelemetry/instrumentation-aws-sdk 0.79 alone makes of a case.
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Aws, startAws } from '../support/aws/index.ts';
import { type Bundle, bundle } from '../support/bundle.ts';
import { runApp } from '../support/processes.ts';

interface Case {
  number: number;
  says: string;
  stock: string;
}
const folder = './test/e2e/fixtures/conformance';
const { cases } = createRequire(import.meta.url)('./fixtures/conformance/cases/index.cjs') as { cases: Case[] };
/** What needs processes of its own. */
const elsewhere = [36];

interface Run {
  /** By number: undefined where the case holds, else why it does not. */
  errors: Map<number, string | undefined>;
  stderr: string;
}
const builds = ['esm', 'cjs', 'bundle'] as const;
let stockRun: Run;
const runs = {} as Record<(typeof builds)[number], Run>;
let aws: Aws;
let bundled: Bundle;
beforeAll(async () => {
  [aws, bundled] = await Promise.all([startAws(), bundle(`${folder}/bundled.cjs`)]);
  const ways = {
    esm: ['--import', `${folder}/start.mjs`, `${folder}/app.mjs`],
    cjs: ['--require', `${folder}/start.cjs`, `${folder}/app.cjs`],
    bundle: ['--require', `${folder}/start.cjs`, bundled.file],
  };
  const stock = async () => {
    stockRun = await run(['--require', `${folder}/stock.cjs`, `${folder}/app.cjs`]);
  };
  await Promise.all([
    stock(),
    ...builds.map(async (build) => {
      const on = await run(ways[build]);
      const off = await run(ways[build], { OTEL_SDK_DISABLED: 'true' });
      runs[build] = { errors: new Map([...on.errors, ...off.errors]), stderr: on.stderr };
    }),
  ]);
}, 120_000);
afterAll(async () => {
  bundled?.remove();
  await aws?.close();
});

async function run(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const app = runApp({ args, env: { ENDPOINT: aws.endpoint, ...env } });
  const { code } = await app.exit;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${app.stderr()}`);
  const lines = app.stdout().trim().split('\n');
  const results = lines.map((line): { number: number; error?: string } => JSON.parse(line));
  return { errors: new Map(results.map(({ number, error }) => [number, error])), stderr: app.stderr() };
}

describe.each(builds)('%s', (build) => {
  for (const { number, says, stock } of cases) {
    test(`case ${number}: ${says} (stock: ${stock})`, () => {
      const { errors } = runs[build];
      expect(errors.has(number)).toBe(true);
      expect(errors.get(number)).toBeUndefined();
    });
  }

  test('cases 5, 17: what does not fit is said once, of what is absent nothing', () => {
    const lines = runs[build].stderr.split('\n').filter((line) => /^keeptrace: (?!tracing |first batch)/.test(line));
    expect(lines).toEqual([expect.stringMatching(/without tracestate or baggage/)]);
  });
});

test('where the official instrumentation is what sends, and keeptrace only what receives, these cases do not hold', () => {
  const failing = [...stockRun.errors].filter(([, error]) => error !== undefined).map(([number]) => number);
  expect(failing).toEqual([2, 3, 4, 5, 7, 8, 9, 10, 15, 22, 25, 26, 29, 35, 38, 41, 43]);
});

test('no case is missing', () => {
  const numbers = [...cases.map(({ number }) => number), ...elsewhere].sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 43 }, (_, at) => at + 1));
});
