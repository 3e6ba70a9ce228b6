import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test, vi } from 'vitest';
import { examine, makeApp, REQUESTS } from './apps.ts';
import { broken, healthy } from './cases.ts';

const timeout = 90_000;

test.concurrent.each(healthy.filter(({ slow }) => !slow))(
  '$name: nothing is found',
  async (one) => {
    const { findings, stages } = await examine(one);
    expect(findings).toEqual([]);
    expect(stages.map(({ count }) => count > 0)).toEqual(Array(7).fill(true));
  },
  timeout,
);

test.concurrent.each(broken.filter(({ slow }) => !slow))(
  '$name is found',
  async (one) => {
    const { findings, codes } = await examine(one);
    expect(codes).toEqual(one.codes);
    if (one.what) expect(findings[0]!.what).toMatch(one.what);
    if (one.from) expect(findings[0]!.from).toMatch(one.from);
    if (one.fix) expect(findings[0]!.fix).toMatch(one.fix);
    expect(JSON.stringify(findings)).not.toContain('s3cret');
  },
  timeout,
);

test.concurrent(
  'a library inside a bundle is found, and is not when it stays outside',
  async () => {
    const source = `const app = require('express')(); app.get('/orders/:id', (_, response) => response.json({}));
      app.get('/pg', () => require('pg')); const server = require('node:http').createServer(app); ${REQUESTS(2)}`;
    // Another one stays outside, and nobody has needed it so far.
    const packages = ['express', 'pg', '@opentelemetry/instrumentation-express'];
    const folder = makeApp({ files: { 'app.cjs': source }, packages });
    const bundle = async (external: string[], minify: boolean) => {
      const output = await build({
        entryPoints: [join(folder, 'app.cjs')],
        bundle: true,
        platform: 'node',
        format: 'cjs',
        write: false,
        minify,
        external,
      });
      return examine({ packages, files: { 'server.cjs': output.outputFiles[0]!.text } });
    };
    try {
      const [inside, minified, outside] = [
        await bundle(['pg'], false),
        await bundle(['pg'], true),
        await bundle(['express', 'pg'], false),
      ];
      expect(inside.codes).toEqual(['BUNDLED']);
      expect(inside.findings[0]!.fix).toContain('--external:express ');
      expect(minified.codes).toEqual(['BUNDLED']);
      expect(outside.codes).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  timeout,
);

test.concurrent(
  'a server is stopped with SIGTERM after so many traces, and all of them have arrived',
  async () => {
    const server = `const server = require('node:http').createServer((_, response) => response.end('ok'));
      server.listen(0, async () => {
        for (let i = 0; i < 4; i++) await fetch('http://127.0.0.1:' + server.address().port).then((one) => one.text());
      });`;
    const { facts, findings, stages } = await examine({ files: { 'server.cjs': server }, traces: 3 });
    expect(findings).toEqual([]);
    expect(facts.ended).toEqual({ by: 'doctor', code: undefined, signal: 'SIGTERM' });
    const [, , , , kept, exported, accepted] = stages;
    expect(accepted!.count).toBeGreaterThanOrEqual(6);
    expect([exported!.count, accepted!.count]).toEqual([kept!.count, facts.received.spans]);
  },
  timeout,
);

test.concurrent(
  'a child process that was started without the probe ends with the app, too',
  async () => {
    const files = {
      'child.cjs': 'setInterval(() => {}, 1_000);',
      'server.cjs': `const child = require('node:child_process').fork('./child.cjs', { env: { PATH: process.env.PATH } });
        const server = require('node:http').createServer((_, response) => response.end(String(child.pid))); ${REQUESTS(1)}`,
    };
    const { facts, codes } = await examine({ files, traces: 1 });
    const pid = facts.threads.flatMap(({ children }) => children)[0]!.pid;
    try {
      expect(codes).toEqual(['WORKER']);
      await vi.waitUntil(() => !isRunning(pid), { timeout: 10_000 });
    } finally {
      if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    }
  },
  timeout,
);

test.concurrent(
  'the exit code of the app is told, and what it printed passes through',
  async () => {
    const { facts } = await examine({ files: { 'server.cjs': 'process.exitCode = 3;' } });
    expect(facts.ended).toMatchObject({ by: 'itself', code: 3 });
  },
  timeout,
);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
