// How a traced process ends: exactly as the same process without tracing, a bounded time later, with its spans sent.
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { type App, type AppExit, runApp } from '../support/processes.ts';
import { type Row, rows } from './exit-rows.ts';

const scriptOf = ({ app = 'app.mjs' }: Row) => join(import.meta.dirname, 'fixtures/exit', app);

const measured: string[] = [];
afterAll(() => {
  if (process.env.EXIT_MATRIX_REPORT) console.log(measured.toSorted().join('\n'));
});

describe.concurrent('a process ends as without tracing', () => {
  // Seconds are measured while other test files share the two cores: one more try tells a busy machine from a hang.
  test.for(rows)('$name', { timeout: 40_000, retry: 2 }, async (row) => {
    const bare = await play(row, runApp({ args: [scriptOf(row), row.scenario, '0'] }));
    const collector = await startFaultCollector(typeof row.fault === 'object' ? row.fault : { kind: 'ok' });
    if (row.fault === 'down') await collector.down();
    try {
      const traced = await play(row, startTraced(row, collector));
      const { stderr } = traced;
      measured.push(
        `${row.name} | ${traced.status.code ?? traced.status.signal} | ${Math.round(traced.ms)} ms | ${collector.acked.size}`,
      );

      expect(traced.status).toEqual(bare.status);
      expect(traced.stdout).toBe(bare.stdout);
      expect(traced.response).toBe(bare.response);
      expect(stderr.replaceAll(/^keeptrace: .*\n/gm, '')).toBe(bare.stderr);
      expect(traced.ms).toBeLessThan(row.within);
      const [from, to] = Array.isArray(row.acked) ? row.acked : [row.acked, row.acked];
      expect(collector.acked.size).toBeGreaterThanOrEqual(from);
      expect(collector.acked.size).toBeLessThanOrEqual(to);
      if (row.says) expect(stderr).toMatch(row.says);
      else if (to - from === 0) expect(stderr).not.toContain('lost');
    } finally {
      await collector.close();
    }
  });
});

function startTraced(row: Row, { origin }: FaultCollector): App {
  const { scenario, spans = 2_000, timeoutMs, inCode, env } = row;
  // With --import, whatever it names, Node loads a CommonJS script in another way, and the stack shows that.
  const preload = [row.app === 'app.cjs' ? '--require' : '--import', 'keeptrace/register'];
  return runApp({
    args: [...(inCode ? [] : preload), scriptOf(row), scenario, String(spans)],
    env: {
      ...(inCode ? { START_IN_CODE: '1' } : {}),
      OTEL_SERVICE_NAME: 'exit',
      OTEL_EXPORTER_OTLP_ENDPOINT: origin,
      // How much arrives must not depend on how busy this machine is; the cap has rows of its own.
      ...(row.acked === 0 ? {} : { KEEPTRACE_EXIT_TIMEOUT_MS: '20000' }),
      ...env,
      ...(timeoutMs ? { KEEPTRACE_SHUTDOWN_TIMEOUT_MS: String(timeoutMs) } : {}),
    },
  });
}

interface Played {
  status: Pick<AppExit, 'code' | 'signal'>;
  /** From the signal, or from the end of the script. */
  ms: number;
  stdout: string;
  stderr: string;
  response: string | undefined;
}

async function play({ signal, request }: Row, app: App): Promise<Played> {
  const line = await app.line(/^ready/);
  const readyAt = performance.now();
  const response = request ? inFlight(Number(line.split(' ')[1])) : undefined;
  await response?.sent;
  if (signal) app.kill(signal);
  const { code, signal: by, msAfterKill } = await app.exit;
  return {
    status: { code, signal: by },
    ms: msAfterKill ?? performance.now() - readyAt,
    stdout: app.stdout().replace(/^ready \d+$/m, 'ready'),
    stderr: app.stderr(),
    response: await response?.body,
  };
}

/** `sent` resolves when the request has certainly reached the app; `body` never rejects. */
function inFlight(port: number): { sent: Promise<void>; body: Promise<string> } {
  const request = get({ port, host: '127.0.0.1', agent: false });
  return {
    sent: new Promise((resolve) => {
      request.on('socket', (socket) => socket.on('connect', () => setTimeout(resolve, 100)));
    }),
    body: new Promise((resolve) => {
      request.on('error', (error: NodeJS.ErrnoException) => resolve(`cut: ${error.code}`));
      request.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      });
    }),
  };
}
