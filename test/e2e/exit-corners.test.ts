// Ends of a process that take more than a row of the exit matrix.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startBlockedListener } from '../faults/blocked-listener.ts';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { runApp } from '../support/processes.ts';

const script = join(import.meta.dirname, 'fixtures/exit/app.mjs');
let collector: FaultCollector;
beforeEach(async () => {
  collector = await startFaultCollector();
});
afterEach(() => collector.close());

const start = (scenario: string, env: Record<string, string> = {}, wrap: string[] = [], count = '2000') => {
  const [command = process.execPath, ...before] = wrap;
  const node = wrap.length > 0 && command !== process.execPath ? [process.execPath] : [];
  return runApp({
    node: command,
    args: [...before, ...node, '--import', 'keeptrace/register', script, scenario, count],
    env: { OTEL_SERVICE_NAME: 'exit', OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin, ...env },
  });
};

test('a second signal ends the process at once, by that signal', async () => {
  collector.fault = { kind: 'hang' };
  const app = start('timers');
  await app.line(/^ready/);
  app.kill('SIGTERM');
  await collector.until(() => collector.requests.length > 0);
  const secondAt = performance.now();
  app.kill('SIGINT');
  expect(await app.exit).toMatchObject({ code: null, signal: 'SIGINT' });
  expect(performance.now() - secondAt).toBeLessThan(1_000);
  expect(app.stderr()).toMatch(/lost 2,000 spans: could not be sent before the process ended\.$/m);
});

test('a signal that the app handles without ending leaves it running and traced', async () => {
  const app = start('reload');
  await app.line(/^ready/);
  app.kill('SIGHUP');
  await app.line(/^reloaded/);
  await collector.until(() => collector.acked.size === 2_000);
  app.kill('SIGTERM');
  expect(await app.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
});

test.each([
  ['at once', 'process.kill(process.pid, "SIGTERM")'],
  ['when all else has ended', 'setTimeout(() => process.kill(process.pid, "SIGINT"), 20)'],
  [
    'from its own handler of it',
    'const t = setTimeout(() => {}, 1e6); process.once("SIGHUP", async () => { await 0; clearTimeout(t); process.kill(process.pid, "SIGHUP"); }); setTimeout(() => process.kill(process.pid, "SIGHUP"), 20)',
  ],
])('a process that ends itself by a signal ends by it: %s', async (_when, code) => {
  const signal = /SIG[A-Z]+/.exec(code)![0];
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin };
  const traced = runApp({ args: ['--import', 'keeptrace/register', '-e', code], env });
  const bare = runApp({ args: ['-e', code], env });
  expect(await bare.exit).toMatchObject({ code: null, signal });
  expect(await traced.exit).toMatchObject({ code: null, signal });
});

test('a listener for beforeExit of the app hears it as often as without tracing', async () => {
  const code = 'process.on("beforeExit", () => console.log("bye"))';
  const app = runApp({
    args: ['--import', 'keeptrace/register', '-e', code],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin },
  });
  await app.exit;
  expect(app.stdout()).toBe('bye\n');
});

test('a script that has finished does not wait for a connection that is never made', async () => {
  const blocked = await startBlockedListener();
  const app = start(
    'natural',
    {
      KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '500',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${blocked.port}`,
    },
    [],
    '10',
  );
  await app.line(/^ready/);
  const readyAt = performance.now();
  expect(await app.exit).toMatchObject({ code: 0, signal: null });
  expect(performance.now() - readyAt).toBeLessThan(3_000);
  expect(app.stderr()).toMatch(/lost 10 spans: could not be sent within 0\.5 s; http:\S+ did not answer/);

  await blocked.close();
});

test('process.exit() in the middle of a request sends the parts of it that have ended', async () => {
  const app = start('openRequest', { KEEPTRACE_EXIT_TIMEOUT_MS: '20000' });
  expect(await app.exit).toMatchObject({ code: 5, signal: null });
  expect([...collector.acked.keys()].toSorted()).toEqual(Array.from({ length: 10 }, (_, i) => `part ${i}`));
  expect(app.stderr()).not.toContain('lost');
});

test('KEEPTRACE_EXIT_TIMEOUT_MS=0 gives up at once, and says so', async () => {
  const app = start('processExit', { KEEPTRACE_EXIT_TIMEOUT_MS: '0' });
  expect(await app.exit).toMatchObject({ code: 5, signal: null });
  expect(collector.acked.size).toBe(0);
  expect(app.stderr()).toMatch(/lost 2,000 spans: not sent before process\.exit\(\)/);
});

test('where no thread may be started, the line about the loss says so', async () => {
  const app = start('processExit', {}, [process.execPath, '--permission', '--allow-fs-read=*'], '10');
  expect(await app.exit).toMatchObject({ code: 5, signal: null });
  expect(app.stderr()).toMatch(
    /lost 10 spans: not sent before process\.exit\(\); no thread could be started to send them \(ERR_ACCESS_DENIED\)\. Allow it with --allow-worker\./,
  );
});

test('a closed stderr changes nothing', async () => {
  const app = start('timers', { KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '200' });
  await app.line(/^ready/);
  app.child.stderr!.destroy();
  await collector.down();
  app.kill('SIGTERM');
  expect(await app.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
});

const namespaces = (() => {
  try {
    execFileSync('unshare', ['--fork', '--pid', '--kill-child', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// The kernel keeps signals without a handler from process 1, so without tracing this process would go on too.
test.skipIf(!namespaces)('as process 1 of a container, spans are sent and the process goes on as ever', async () => {
  const app = start('pid1', {}, ['unshare', '--fork', '--pid', '--kill-child']);
  await app.line(/^ready/);
  await collector.until(() => collector.acked.size === 2_000);
  await app.line(/^still here/);
  expect(await app.exit).toMatchObject({ code: 0, signal: null });
});
