// The three example projects as their users run them: keeptrace lies in their node_modules as it is published, and each
// runner loads it in its own way.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/processes.ts';

const root = join(import.meta.dirname, '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keeptrace-testing-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(root, 'node_modules'))) {
    // What starts with a dot belongs to tools that write there.
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  // A copy and no link: runners treat what lies outside of node_modules as source of the project.
  for (const part of ['package.json', 'dist'])
    cpSync(join(root, part), join(modules, 'keeptrace', part), { recursive: true });
  for (const runner of ['vitest', 'jest', 'node']) {
    cpSync(join(root, `examples/testing-${runner}`), join(folder, runner), { recursive: true });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything the runner has written, when it has ended. */
async function run(project: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const app = runApp({ args, cwd: join(folder, project), env: { NO_COLOR: '1', CI: '1', ...env } });
  const { code } = await app.exit;
  const output = app.stdout() + app.stderr();
  expect(code, output).toBe(0);
  return output;
}

test('vitest: ES modules, quiet tracing, matchers', async () => {
  const output = await run('vitest', ['../node_modules/vitest/vitest.mjs', 'run']);
  expect(output).toMatch(/Tests {2}9 passed \(9\)/);
}, 60_000);

test('jest: CommonJS, tracing of the app itself, two files in one process', async () => {
  const output = await run('jest', ['../node_modules/jest/bin/jest.js', '--runInBand']);
  expect(output).toMatch(/Tests: {7}4 passed, 4 total/);
  expect(output).not.toContain('keeptrace:');
}, 60_000);

test('node:test: assertions on the context, and a service over the wire', async () => {
  const output = await run('node', ['--test', '--test-reporter=tap']);
  expect(output).toContain('# pass 3\n# fail 0');
}, 60_000);

test('TypeScript knows the matchers of vitest and jest and the assertions of node:test', async () => {
  const matchers = `
    import { captureSpans, keeptraceMatchers } from 'keeptrace/testing';
    expect.extend(keeptraceMatchers);
    test('x', async () => {
      const spans = await captureSpans(() => 1);
      expect(spans).toHaveSpan({ name: /x/, attributes: { a: expect.any(Number) }, parent: null });
      expect(spans).not.toBeKept('error');
      await expect(captureSpans(() => 1)).resolves.toBeOneTrace();
      // @ts-expect-error no such reason
      expect(spans).toBeKept('because');
      // @ts-expect-error the number comes first
      expect(spans).toHaveAtMost('x');
    });`;
  const files = {
    'vitest.mts': `import { expect, test } from 'vitest';${matchers}`,
    'jest.mts': `import { expect, test } from '@jest/globals';${matchers}`,
    'node.cts': `
      import { assert, test } from 'node:test';
      import { captureSpans, registerAssertions } from 'keeptrace/testing';
      registerAssertions(assert);
      test('x', async (t) => {
        const spans = await captureSpans(() => 1);
        t.assert.hasSpan(spans, 'x');
        t.assert.equal(1, 1);
        // @ts-expect-error no such reason
        t.assert.kept(spans, 'because');
      });`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const flags = '--strict --noEmit --skipLibCheck --module nodenext --target es2022 --types node'.split(' ');
  const output = await run('.', ['node_modules/typescript/bin/tsc', ...flags, ...Object.keys(files)]);
  expect(output).toBe('');
}, 60_000);
