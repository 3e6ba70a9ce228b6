// The thread's program is text: it must run whatever form the rest is shipped and started in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FaultCollector, startFaultCollector } from '../../faults/fault-collector.ts';
import { runApp } from '../../support/processes.ts';
import { bodies } from './exit-rig.ts';

const source = (path: string) => join(import.meta.dirname, '../../../src', path);
let dir: string;
let collector: FaultCollector;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'keeptrace-forms-'));
  const file = (name: string) => join(dir, name);
  const [body] = bodies(20, 20);
  writeFileSync(file('body'), body!.bytes);
  writeFileSync(
    file('app.ts'),
    `import { readFileSync } from 'node:fs';
import { sendAtExit } from ${JSON.stringify(source('export/exit/exit-flush.ts'))};
const [, , url, body] = process.argv as [string, string, string, string];
process.on('exit', () => {
  const target = { url, headers: { 'content-type': 'application/x-protobuf' }, timeoutMs: 1_000 };
  console.log(JSON.stringify(sendAtExit([{ bytes: readFileSync(body), spanCount: 20 }], target, 5_000)));
});
process.exit(7);
`,
  );
  writeFileSync(file('preload.mjs'), `import { writeSync } from 'node:fs';\nwriteSync(2, 'preloaded\\n');\n`);
  writeFileSync(file('preload.cjs'), `require('node:fs').writeSync(2, 'required\\n');\n`);
  for (const format of ['esm', 'cjs'] as const) {
    const bundle = await rolldown({ input: file('app.ts'), platform: 'node' });
    await bundle.write({ file: file(`app.${format === 'esm' ? 'mjs' : 'cjs'}`), format, minify: true });
    await bundle.close();
  }
});
afterAll(() => rmSync(dir, { recursive: true }));
beforeEach(async () => {
  collector = await startFaultCollector();
});
afterEach(() => collector.close());

async function play(args: string[], app: string, env: Record<string, string> = {}) {
  const started = runApp({ args: [...args, join(dir, app), collector.url, join(dir, 'body')], env });
  const { code } = await started.exit;
  return {
    code,
    result: JSON.parse(started.stdout()) as { accepted: boolean[]; reason?: string },
    stderr: started.stderr(),
  };
}

test.for([
  ['an ES module in one minified file', [], 'app.mjs'],
  ['CommonJS in one minified file', [], 'app.cjs'],
  ['TypeScript that Node strips', ['--disable-warning=ExperimentalWarning'], 'app.ts'],
  ['TypeScript behind a loader', ['--import', import.meta.resolve('tsx')], 'app.ts'],
  [
    'behind asynchronous loader hooks',
    [
      '--import',
      `data:text/javascript,import { register } from 'node:module';
    register('data:text/javascript,export const resolve = (name, context, next) => next(name, context)');`,
    ],
    'app.mjs',
  ],
] as [name: string, args: string[], app: string][])('works as %s', async ([, args, app]) => {
  const { code, result, stderr } = await play(args, app);
  expect(result.accepted).toEqual([true]);
  expect(code).toBe(7);
  expect(stderr.replaceAll(/^.*(Warning|--trace-).*\n/gm, '')).toBe('');
  expect(collector.acked.size).toBe(20);
});

test('preloads of the process are not loaded once more, from flags or from NODE_OPTIONS', async () => {
  const flags = ['--import', join(dir, 'preload.mjs'), '--require', join(dir, 'preload.cjs')];
  for (const [args, env] of [
    [flags, {}],
    [[], { NODE_OPTIONS: flags.join(' ') }],
  ] as const) {
    const { result, stderr } = await play([...args], 'app.mjs', env);
    expect(result.accepted).toEqual([true]);
    expect(stderr).toBe('required\npreloaded\n');
  }
});

test('where threads are not permitted it says so to the caller, and nothing to anybody else', async () => {
  const { code, result, stderr } = await play(['--permission', '--allow-fs-read=*'], 'app.mjs');
  expect(result).toMatchObject({ accepted: [false], reason: 'ERR_ACCESS_DENIED' });
  expect(code).toBe(7);
  expect(stderr).toBe('');
});
