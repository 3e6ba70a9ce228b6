// The app under the doctor does what it does without: its output, its exit code, its end.
import { realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openProbeFolder } from '../../../../src/cli/doctor/run/probe-folder.ts';
import { runApp } from '../../../support/processes.ts';
import { examine, makeApp } from './apps.ts';

const root = join(import.meta.dirname, '../../../..');
let folder: string;
const probes = openProbeFolder(root, root);

beforeAll(() => {
  folder = realpathSync(
    makeApp({
      files: {
        'hostile.cjs': `
          require('keeptrace/register');
          Error.prepareStackTrace = () => { throw new Error('mine'); };
          Error.stackTraceLimit = 1;
          globalThis.setInterval = globalThis.setImmediate = () => { throw new Error('fake'); };
          JSON.stringify = () => { throw new Error('patched'); };
          Object.freeze(globalThis);
          require('keeptrace').withSpan('work', () => {});
          console.log('limit', Error.stackTraceLimit);
          process.exitCode = 5;`,
        'crash.cjs': `require('keeptrace/register'); process.on('exit', (code) => console.log('exit', code)); throw new Error('the app fails');`,
        'quiet.mjs': `import 'keeptrace/register'; console.log(process.argv.length, process.execArgv.join());`,
        'readonly.cjs': `require('node:fs').writeFileSync = () => { throw new Error('read-only'); };
          require('node:fs').rmSync(require('node:path').dirname(process.env.NODE_OPTIONS.replace('--require ', '')), { recursive: true });
          setTimeout(() => console.log('still here'), 300);`,
      },
    }),
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  probes.remove();
});

async function outcome(script: string, env: Record<string, string>) {
  const app = runApp({
    args: [script],
    cwd: folder,
    env: { OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_EXPORTER: 'none', ...env },
  });
  const { code, signal } = await app.exit;
  return { code, signal, stdout: app.stdout(), stderr: app.stderr() };
}

test.each(['hostile.cjs', 'crash.cjs', 'quiet.mjs'])('%s ends with and without the probe alike', async (script) => {
  const without = await outcome(script, {});
  const within = await outcome(script, { NODE_OPTIONS: `--require ${probes.probe}` });
  expect(within).toEqual(without);
  expect(probes.read().some((thread) => thread.script?.endsWith(script))).toBe(true);
});

test('an app goes on when its probe has no place to write to', async () => {
  const own = openProbeFolder(root, root);
  const { code, stdout, stderr } = await outcome('readonly.cjs', { NODE_OPTIONS: `--require ${own.probe}` });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'still here\n', stderr: '' });
});

test.concurrent('what a shell has started is stopped with it', async () => {
  const { facts } = await examine({
    files: {
      'server.cjs': `setInterval(() => {}, 1000); require('keeptrace').withSpan('work', () => {});`,
    },
    command: ['sh', '-c', `"${process.execPath}" server.cjs; true`],
    traces: 1,
  });
  const [server] = facts.threads;
  expect(facts.ended.by).toBe('doctor');
  expect(server!.tracing?.active).toBe(true);
  expect(() => process.kill(server!.pid, 0)).toThrow('ESRCH');
});

test.concurrent('an app that does not mind SIGTERM is killed after the time of grace', async () => {
  const { facts } = await examine({
    files: {
      'server.cjs': `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('keeptrace').withSpan('work', () => {});`,
    },
    traces: 1,
    graceMs: 300,
  });
  expect(facts.ended).toEqual({ by: 'doctor', code: undefined, signal: 'SIGKILL' });
});
