// The doctor and the settings as a user calls them: real processes, exit codes, and a clock.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { canHaveNameServer, startNameServer } from '../support/name-server.ts';
import { runApp } from '../support/processes.ts';

const cli = join(import.meta.dirname, '../../dist/esm/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'keeptrace-doctor-'));
let receiver: Receiver;
const listener = net.createServer(() => {});
const open = new Set<net.Socket>();
listener.on('connection', (socket) => open.add(socket.on('error', () => {})));

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop-api", "version": "1.4.0" }');
  receiver = await startReceiver();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await receiver.close();
  for (const socket of open) socket.destroy();
  listener.close();
  rmSync(folder, { recursive: true });
});

async function keeptrace(args: string[], env: Record<string, string>, cwd = folder) {
  const app = runApp({ args: [cli, ...args], env, cwd });
  const { code, ms } = await app.exit;
  return { code, ms, out: app.stdout(), err: app.stderr() };
}
const silent = () => `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;

describe.concurrent('keeptrace doctor', () => {
  test('0, and one line per thing that is in order', async () => {
    const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, NODE_ENV: 'production' };
    const { code, out, err } = await keeptrace(['doctor'], env);
    expect(out).toMatch(/✔ shop 1\.4\.0, production \(OTEL_SERVICE_NAME in the environment\)/);
    expect(out).toMatch(/✔ keeps every error, every request over 1000 ms, 10 % of the rest \(100 of 1,000 ids asked\)/);
    expect(out).toMatch(/✔ http:\/\/127\.0\.0\.1:\d+\/v1\/traces accepts http\/protobuf, in \d+ ms/);
    expect(out).toMatch(/\nNothing is wrong here\.\n$/);
    expect([code, err]).toEqual([0, '']);
  });

  test('1 for a warning', async () => {
    const { code, out } = await keeptrace(['doctor'], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    expect(out).toMatch(
      /▲ SERVICE_NAME_MISSING .*\n {6}from {2}OTEL_SERVICE_NAME is not set\n {6}fix {3}OTEL_SERVICE_NAME=shop-api\n/,
    );
    expect(out).toMatch(/\n1 warning\.\n$/);
    expect(code).toBe(1);
  });

  test('the report is Markdown', async () => {
    const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/v1/traces` };
    const { code, out } = await keeptrace(['doctor', '--report'], env);
    expect(out).toMatch(/^### keeptrace doctor\n\nkeeptrace \d+\.\d+\.\d+ · node \d+\.\d+\.\d+ · system /);
    expect(out).toMatch(/\| warning \| `ENDPOINT_PATH` \| /);
    expect(out).toMatch(/\| `serviceName` \| shop \| OTEL_SERVICE_NAME in the environment \|/);
    expect(code).toBe(1);
  });

  test('2 for an option that does not exist', async () => {
    const { code, err } = await keeptrace(['doctor', '--nonsense'], {});
    expect(err).toMatch(/keeptrace doctor: Unknown option '--nonsense'/);
    expect(code).toBe(2);
  });

  test('colours only where they are wanted', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const forced = await keeptrace(['doctor'], { ...env, FORCE_COLOR: '1' });
    const never = await keeptrace(['doctor'], { ...env, FORCE_COLOR: '1', NO_COLOR: '1' });
    expect(forced.out).toContain('\u001b[33m▲');
    expect(never.out).not.toContain('\u001b');
  });

  test('the settings of an environment without problems', async () => {
    const { code, out } = await keeptrace(['settings'], { OTEL_SERVICE_NAME: 'shop' });
    expect(out).toMatch(/serviceName +shop +OTEL_SERVICE_NAME in the environment\n/);
    expect(out).toMatch(/serviceVersion +1\.4\.0 +package\.json\n/);
    expect(code).toBe(0);
  });

  test('settings: 1 when there are problems', async () => {
    expect((await keeptrace(['settings'], {})).code).toBe(1);
  });
});

describe.concurrent('keeptrace doctor -- command', () => {
  const env = () => ({ OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const app = (name: string, code: string) => {
    const file = join(folder, name);
    writeFileSync(file, code);
    return file;
  };
  // One request to itself, then the end.
  const shop = () =>
    app(
      'shop.cjs',
      `const http = require('node:http');
       const server = http.createServer((_, response) => response.end('said')).listen(0, '127.0.0.1', () =>
         http.get({ port: server.address().port }, (response) => response.resume().on('end', () => server.close())));
       console.log('the app says hello');`,
    );

  test('the way of the spans, of an application that starts tracing', async () => {
    const command = ['--', process.execPath, '--import', 'keeptrace/register', shop()];
    const { code, out, err } = await keeptrace(['doctor', '--seconds', '15', ...command], env(), process.cwd());
    expect(err).toContain('for 15 s, or until 5 traces have ended. Use it now.');
    expect(out).toContain('the app says hello');
    expect(out).toMatch(
      /loaded 1 → patched [1-9] → started [1-9] → ended [1-9] → kept [1-9] → exported [1-9] → accepted [1-9]/,
    );
    expect(out).toMatch(/\nNothing is wrong here\.\n$/);
    expect(code).toBe(0);
  });

  test('an application that starts none is told so, and JSON has stdout for itself', async () => {
    const command = ['--', process.execPath, shop(), '--api-token=CANARY-4f9a'];
    const { code, out, err } = await keeptrace(['doctor', '--json', ...command], env());
    expect(out + err).not.toContain('CANARY-4f9a');
    expect(err).toContain('the app says hello');
    const { findings, stages } = JSON.parse(out);
    expect(findings).toMatchObject([
      {
        code: 'NO_TRACING',
        severity: 'warning',
        fix: `${process.execPath} --import keeptrace/register ${shop()} --api-token=***`,
      },
    ]);
    expect(stages.map(({ name }: { name: string }) => name)).toEqual(
      'loaded patched started ended kept exported accepted'.split(' '),
    );
    expect(code).toBe(1);
  });

  test.each([
    [['doctor', 'node', 'server.js'], /write -- before the command: keeptrace doctor -- node server\.js/],
    [['doctor', '--'], /there is no command after --/],
    [['doctor', '--seconds', 'ten', '--', 'node', 'x'], /--seconds takes a number above 0/],
  ])('%j is refused with 2', async (args, why) => {
    const { code, err } = await keeptrace(args, env());
    expect(err).toMatch(why);
    expect(code).toBe(2);
  });
});

describe.concurrent('nothing holds it up for three seconds', () => {
  /** On a busy machine: what a visit to a healthy endpoint takes over the usual, at the same time, is not the doctor's. */
  const busy = async () => {
    const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    return Math.max(0, (await keeptrace(['doctor'], env)).ms - 300);
  };

  test('an endpoint that never answers', async () => {
    const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: silent() };
    const [{ code, out, ms }, extra] = await Promise.all([keeptrace(['doctor', '--json'], env), busy()]);
    const told = JSON.parse(out);
    // Pipelines read these; docs/doctor.md names them.
    expect(Object.keys(told).sort()).toEqual(['exitCode', 'findings', 'notes', 'settings', 'unseen', 'versions']);
    expect(Object.keys(told.findings[0]).sort()).toEqual(['code', 'fix', 'from', 'more', 'severity', 'what']);
    expect(told).toMatchObject({
      exitCode: 2,
      findings: [{ code: 'ENDPOINT_HANG', severity: 'error', more: 'docs/doctor.md#endpoint_hang' }],
    });
    expect(code).toBe(2);
    expect(ms - extra).toBeLessThan(3_000);
  });

  // A thread that waits for the name server of the system would hold up the end of the process for ten seconds.
  test.skipIf(!canHaveNameServer())('a name server that never answers', async () => {
    const names = await startNameServer(undefined, '', '127.0.0.88');
    try {
      const [command, ...args] = names.wrap([process.execPath, cli, 'doctor']);
      const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example:4318' };
      const app = runApp({ node: command, args, env, cwd: folder });
      const [{ code, ms }, extra] = await Promise.all([app.exit, busy()]);
      expect(app.stdout() + app.stderr()).toContain('No name server told the address of collector.example in time');
      expect(names.asked).toContain('collector.example');
      expect(code).toBe(2);
      expect(ms - extra).toBeLessThan(3_000);
    } finally {
      names.close();
    }
  });

  test.skipIf(!canHaveNameServer())('a name server that knows the name, or does not', async () => {
    const names = await startNameServer(['collector.shop.test'], '', '127.0.0.89');
    const visit = async (host: string) => {
      const [command, ...args] = names.wrap([process.execPath, cli, 'doctor', '--json']);
      const endpoint = receiver.url.replace('127.0.0.1', host);
      const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
      const app = runApp({ node: command, args, env, cwd: folder });
      await app.exit;
      return JSON.parse(app.stdout()).findings;
    };
    try {
      // The receiver takes requests to names of this machine only, so its 403 shows that it was reached.
      expect(await visit('collector.shop.test')).toMatchObject([{ code: 'ENDPOINT_AUTH' }]);
      expect(await visit('colector.shop.test')).toMatchObject([{ code: 'ENDPOINT_DNS' }]);
    } finally {
      names.close();
    }
  });
});
