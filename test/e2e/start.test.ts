// What start refuses, and that the app runs all the same: as processes, since it is about processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { nodeObstacle } from '../../src/start.ts';
import { runApp } from '../support/processes.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'keeptrace-start-'));
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/keeptrace'));
  symlinkSync(join(root, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'));
  symlinkSync(
    join(root, 'node_modules/@opentelemetry/sdk-trace'),
    join(folder, 'node_modules/@opentelemetry/sdk-trace'),
  );
});
afterAll(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(source: string, flags: string[] = [], env: Record<string, string> = {}) {
  receiver.clear();
  const script = join(mkdtempSync(join(folder, 'app-')), 'app.mjs');
  writeFileSync(script, source);
  const app = runApp({
    args: [...flags, script],
    cwd: folder,
    env: { OTEL_SERVICE_NAME: 'start', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
  });
  const { code, signal } = await app.exit;
  const lines = app.stderr().trim().split('\n').filter(Boolean);
  return { code, signal, stdout: app.stdout().trim(), lines };
}

const preload = ['--import', 'keeptrace/register'];

describe('a second start', () => {
  test('returns the handle of the first', async () => {
    const { stdout } = await run(
      `import { initTracing } from 'keeptrace'; console.log(initTracing() === initTracing(), initTracing().active)`,
      preload,
    );
    expect(stdout).toBe('true true');
  });

  test('says that its options are ignored, and where to put them', async () => {
    const { lines } = await run(`import { initTracing } from 'keeptrace'; initTracing({ sampleRatio: 1 })`, preload);
    expect(lines.filter((line) => line.includes('ignored'))).toEqual([expect.stringContaining('sampleRatio')]);
  });

  test('from a CommonJS copy of the package meets the handle of the ES module copy', async () => {
    const { stdout } = await run(
      `import { createRequire } from 'node:module'; import { initTracing } from 'keeptrace';
       console.log(createRequire(import.meta.url)('keeptrace').initTracing() === initTracing())`,
    );
    expect(stdout).toBe('true');
  });
});

describe('another provider was there first', () => {
  const foreign = `import { trace } from '@opentelemetry/api'; import { TracerProvider } from '@opentelemetry/sdk-trace';
    import { initTracing } from 'keeptrace';
    trace.setGlobalTracerProvider(new TracerProvider());`;

  test('it is named, and tracing stays off', async () => {
    const { stdout, lines, code } = await run(`${foreign} console.log(initTracing().active)`);
    expect({ stdout, code }).toEqual({ stdout: 'false', code: 0 });
    expect(lines).toEqual([expect.stringMatching(/another tracer provider .*TracerProvider/)]);
  });

  test('its spans are left alone', async () => {
    const { stdout } = await run(
      `${foreign} initTracing(); console.log(trace.getTracerProvider().getDelegate().constructor.name)`,
    );
    expect(stdout).toMatch(/TracerProvider/);
  });
});

test('a provider that comes second is refused by the API, and that is said', async () => {
  const { lines } = await run(
    `import { trace } from '@opentelemetry/api'; import { TracerProvider } from '@opentelemetry/sdk-trace';
     console.log(trace.setGlobalTracerProvider(new TracerProvider()))`,
    preload,
  );
  expect(lines).toContainEqual(expect.stringContaining('duplicate registration of API: trace'));
});

describe('wrong versions', () => {
  test.each([
    ['20.20.2', true],
    ['22.14.0', true],
    ['22.15.0', false],
    ['23.0.0', false],
    ['26.10.0', false],
  ])('Node %s is too old: %s', (version, tooOld) => {
    expect(nodeObstacle(version) !== undefined).toBe(tooOld);
  });

  test('an app with @opentelemetry/api 1.9 gets one sentence and runs untraced', async () => {
    const old = mkdtempSync(join(folder, 'old-'));
    // The package as npm nests it: a copy of dist beside an older API.
    for (const name of ['node_modules/@opentelemetry/api', 'node_modules/keeptrace'])
      mkdirSync(join(old, name), { recursive: true });
    writeFileSync(
      join(old, 'node_modules/@opentelemetry/api/package.json'),
      '{ "name": "@opentelemetry/api", "version": "1.9.1", "main": "index.js" }',
    );
    writeFileSync(join(old, 'node_modules/@opentelemetry/api/index.js'), 'exports.trace = {};');
    for (const name of ['dist', 'package.json'])
      symlinkSync(join(root, name), join(old, 'node_modules/keeptrace', name));
    writeFileSync(join(old, 'app.mjs'), `console.log('served')`);
    for (const flag of ['--import', '--require']) {
      const app = runApp({ args: ['--preserve-symlinks', flag, 'keeptrace/register', join(old, 'app.mjs')], cwd: old });
      expect(await app.exit).toMatchObject({ code: 0 });
      expect(app.stdout()).toBe('served\n');
      expect(app.stderr()).toMatch(
        /^keeptrace: @opentelemetry\/api 1\.9\.1 is installed.*npm install @opentelemetry\/api@1\.10.*untraced\.\n$/,
      );
    }
  });
});

describe('main scripts below node_modules', () => {
  const serve = `import { withSpan } from 'keeptrace'; withSpan('served', () => {});`;
  const install = (name: string, file: string, source: string) => {
    mkdirSync(join(folder, 'node_modules', name, file, '..'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, type: 'module' }));
    writeFileSync(join(folder, 'node_modules', name, file), source);
    return join(folder, 'node_modules', name, file);
  };
  const start = async (script: string) => {
    receiver.clear();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, NODE_OPTIONS: '--import keeptrace/register' };
    const app = runApp({ args: [script], cwd: folder, env });
    expect(await app.exit).toMatchObject({ code: 0 });
    return app.stderr();
  };
  beforeAll(() => writeFileSync(join(folder, 'package.json'), '{ "name": "my-shop" }'));

  test('are traced, through a link in .bin too, under the name of the app', async () => {
    const script = install('shop-runner', 'lib/run.js', serve);
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    const link = join(folder, 'node_modules/.bin/shop');
    symlinkSync(script, link);
    for (const main of [script, link]) {
      await start(main);
      const seen = receiver.spans.map((span) => [span.name, span.resource['service.name']]);
      expect(seen).toEqual([['served', 'my-shop']]);
    }
  });

  test('are left alone without a word when they are a package manager', async () => {
    expect(await start(install('npm', 'bin/npm-cli.js', serve))).toBe('');
    expect(receiver.spans).toEqual([]);
  });
});

test('a deleted working directory does not keep tracing off', async () => {
  const { stdout, lines } = await run(
    `import { mkdtempSync, rmdirSync } from 'node:fs';
     import { initTracing, withSpan } from 'keeptrace';
     const gone = mkdtempSync(${JSON.stringify(join(folder, 'gone-'))});
     process.chdir(gone);
     rmdirSync(gone);
     console.log(initTracing().active);
     withSpan('without a folder', () => {});`,
  );
  expect(stdout).toBe('true');
  expect(lines.filter((line) => line.includes('ENOENT'))).toEqual([]);
  expect(receiver.spans.map((span) => span.name)).toEqual(['without a folder']);
});

describe('nobody reads stderr any more', () => {
  /** Runs `source` in a process that goes on past its first preload only when its stderr has no reader. */
  const runDeaf = async (source: string, before: string, flags: string[]) => {
    const gate = join(folder, 'gate.cjs');
    writeFileSync(gate, `require('node:fs').readSync(0, Buffer.alloc(1)); ${before}`);
    const script = join(folder, 'deaf.mjs');
    writeFileSync(script, source);
    const child = spawn(process.execPath, ['--require', gate, ...flags, script], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', OTEL_SERVICE_NAME: 'deaf', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const closed = once(child.stderr, 'close');
    child.stderr.destroy();
    await closed;
    child.stdin.on('error', () => {}).end('g');
    const [code, signal] = await once(child, 'close');
    return { stdout, code, signal };
  };
  // Long enough for the error event of a stream.
  const app = `setTimeout(() => { console.log('served'); process.exitCode = 3; }, 100);`;
  const asWithoutUs = { stdout: 'served\n', code: 3, signal: null };
  const oldNode = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.0.0' } });`;

  test('on a Node that is too old the app runs as without us', async () => {
    expect(await runDeaf(app, oldNode, [])).toEqual(asWithoutUs);
    expect(await runDeaf(app, oldNode, preload)).toEqual(asWithoutUs);
  });

  test('a second start with options changes nothing', async () => {
    const second = `import { initTracing } from 'keeptrace'; initTracing({ sampleRatio: 1 });`;
    expect(await runDeaf(second + app, '', preload)).toEqual(asWithoutUs);
  });
});

describe('workers', () => {
  test('a log transport from node_modules is left alone, without a word', async () => {
    mkdirSync(join(folder, 'node_modules/thread-stream'), { recursive: true });
    writeFileSync(
      join(folder, 'node_modules/thread-stream/worker.cjs'),
      `console.log(globalThis[Symbol.for('keeptrace.tracing')].active)`,
    );
    for (const flag of ['--import', '--require']) {
      const { stdout, lines } = await run(
        `import { Worker } from 'node:worker_threads'; new Worker(${JSON.stringify(join(folder, 'node_modules/thread-stream/worker.cjs'))})`,
        [flag, 'keeptrace/register'],
      );
      expect(stdout).toBe('false');
      expect(lines.filter((line) => line.startsWith('keeptrace: tracing'))).toHaveLength(1);
    }
  });

  test("the user's own worker is traced, and its spans arrive when it simply ends", async () => {
    writeFileSync(
      join(folder, 'own-worker.mjs'),
      `import { withSpan } from 'keeptrace'; withSpan('in the worker', () => {});`,
    );
    await run(
      `import { Worker } from 'node:worker_threads'; new Worker(${JSON.stringify(join(folder, 'own-worker.mjs'))})`,
      preload,
    );
    expect(receiver.spans.map((span) => span.name)).toEqual(['in the worker']);
  });
});

describe('options in code', () => {
  test('all that are wrong are thrown at once, without a secret in them', async () => {
    const { stdout, code } = await run(
      `import { ConfigError, initTracing } from 'keeptrace';
       try { initTracing({ sampleRatio: 7, shutdownTimeoutMs: -1, headers: { authorization: 'Bearer s3cr\\r\\net' } }) }
       catch (error) { console.log(error instanceof ConfigError, error.code, error.problems.length, error.message.includes('s3cr')) }`,
    );
    expect({ stdout, code }).toEqual({ stdout: 'true KEEPTRACE_CONFIG 3 false', code: 0 });
  });

  test('that are no object are thrown too, and null is none', async () => {
    const { stdout, code } = await run(
      `import { initTracing } from 'keeptrace';
       for (const options of ['str', [], 7]) try { initTracing(options); } catch (error) { console.log(error.code); }
       console.log(initTracing(null).active, initTracing(null).active)`,
    );
    expect({ stdout, code }).toEqual({ stdout: `${'KEEPTRACE_CONFIG\n'.repeat(3)}true true`, code: 0 });
  });

  test('a wrong environment never throws', async () => {
    const { stdout, code, lines } = await run(
      `import { initTracing } from 'keeptrace'; console.log(initTracing().active)`,
      [],
      { OTEL_TRACES_SAMPLER_ARG: '10%', OTEL_PROPAGATORS: 'w3c' },
    );
    expect({ stdout, code }).toEqual({ stdout: 'true', code: 0 });
    expect(lines.filter((line) => /OTEL_TRACES_SAMPLER_ARG|OTEL_PROPAGATORS/.test(line))).toHaveLength(2);
  });

  test('OTEL_SDK_DISABLED=true leaves the app as it is, without a word', async () => {
    const { stdout, lines } = await run(`import http from 'node:http'; console.log(http.get.name)`, preload, {
      OTEL_SDK_DISABLED: 'true',
    });
    expect({ stdout, lines }).toEqual({ stdout: 'get', lines: [] });
  });
});
