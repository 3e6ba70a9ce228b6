// How a traced process ends: exactly as the same process without tracing, a bounded time later, with its spans sent.
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Fault, type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { type App, type AppExit, runApp } from '../support/processes.ts';

const script = join(import.meta.dirname, 'fixtures/exit/app.mjs');

interface Row {
  name: string;
  scenario: string;
  spans?: number;
  fault?: Fault | 'down';
  signal?: NodeJS.Signals;
  /** The app starts tracing itself, not the preload. */
  inCode?: true;
  /** A request is in flight when the signal comes; its response must be as without tracing. */
  request?: true;
  /** Acknowledged spans, or a range where the process itself races against the request in flight. */
  acked: number | [from: number, to: number];
  /** `KEEPTRACE_SHUTDOWN_TIMEOUT_MS`. */
  timeoutMs?: number;
  /** Milliseconds from the signal, or from the end of the script, to the end of the process. */
  within: number;
  /** What stderr must say, beside the life lines. */
  says?: RegExp;
}

/** Slack for a busy machine; what matters is seconds against never. */
const SLACK = 2_500;
const soon = 300 + SLACK;
const down = 'down';
const hang: Fault = { kind: 'hang' };

const rows: Row[] = [
  { name: 'SIGTERM, timers alive', scenario: 'timers', signal: 'SIGTERM', acked: 2_000, within: soon },
  { name: 'SIGINT', scenario: 'timers', signal: 'SIGINT', acked: 2_000, within: soon },
  { name: 'SIGHUP', scenario: 'timers', signal: 'SIGHUP', acked: 2_000, within: soon },
  {
    name: 'SIGTERM, http server without a handler: the response in flight is cut as ever',
    scenario: 'server',
    signal: 'SIGTERM',
    request: true,
    acked: [2_000, 2_001],
    within: soon,
  },
  {
    name: 'SIGTERM, the app drains and calls process.exit(0)',
    scenario: 'drainAndExit',
    signal: 'SIGTERM',
    request: true,
    acked: [2_000, 2_001],
    within: 400 + SLACK,
  },
  {
    name: 'SIGTERM, the app drains by a once handler and ends by itself',
    scenario: 'drainOnce',
    signal: 'SIGTERM',
    request: true,
    acked: 2_001,
    within: 600 + SLACK,
  },
  {
    name: 'SIGTERM, the app’s once handler comes even before ours',
    scenario: 'drainPrependedOnce',
    signal: 'SIGTERM',
    request: true,
    acked: 2_001,
    within: 600 + SLACK,
  },
  {
    name: 'SIGTERM, the app calls process.exit(3) at once: its code, and a line about the loss',
    scenario: 'exit3',
    signal: 'SIGTERM',
    spans: 10,
    acked: [0, 10],
    within: soon,
    says: /lost 10 spans: not sent before process\.exit\(\)\. Await/,
  },
  {
    name: 'SIGTERM, spans that end while the app cleans up are sent too',
    scenario: 'slowCleanup',
    signal: 'SIGTERM',
    acked: [2_080, 2_100],
    within: 1_000 + SLACK,
  },
  {
    name: 'SIGTERM, the app has removed every handler',
    scenario: 'handlerRemoved',
    signal: 'SIGTERM',
    acked: 2_000,
    within: soon,
  },
  {
    name: 'SIGTERM, the app uses signal-exit: its callback runs, the signal ends it',
    scenario: 'signalExit',
    signal: 'SIGTERM',
    acked: 2_000,
    within: soon,
  },
  {
    name: 'SIGTERM, signal-exit was there before tracing was started in code',
    scenario: 'signalExit',
    inCode: true,
    signal: 'SIGTERM',
    acked: 2_000,
    within: soon,
  },
  ...[hang, { kind: 'deaf' } as Fault, { kind: 'dripping-head' } as Fault, down].map(
    (fault): Row => ({
      name: `SIGTERM, collector: ${typeof fault === 'string' ? fault : fault.kind}`,
      scenario: 'timers',
      signal: 'SIGTERM',
      fault: fault as Fault | 'down',
      timeoutMs: 600,
      acked: 0,
      within: 600 + SLACK,
      says:
        fault === down
          ? /not sending: http:\S+ refuses .*\n.*lost 2,000 spans: could not be sent within 0\.6 s\. KEEPTRACE_SHUTDOWN_TIMEOUT_MS/
          : /lost 2,000 spans: could not be sent within 0\.6 s; http:\S+ did not answer\. .* KEEPTRACE_SHUTDOWN_TIMEOUT_MS/,
    }),
  ),
  {
    name: 'SIGTERM, collector asks to come back in a minute: there is nothing to wait for',
    scenario: 'timers',
    signal: 'SIGTERM',
    fault: { kind: 'status', status: 503, headers: { 'retry-after': '60' } },
    acked: 0,
    within: soon,
    says: /not sending: http:\S+ is not available \(503\).*\n.*lost 2,000 spans: could not be sent before the process ended\.$/m,
  },
  {
    name: 'SIGTERM, collector hangs, default deadline',
    scenario: 'timers',
    signal: 'SIGTERM',
    fault: hang,
    acked: 0,
    within: 5_000 + SLACK,
    says: /lost 2,000 spans/,
  },
  { name: 'natural end, 2,000 spans', scenario: 'natural', acked: 2_000, within: soon },
  { name: 'natural end, 10 spans', scenario: 'natural', spans: 10, acked: 10, within: soon },
  { name: 'natural end, no span', scenario: 'natural', spans: 0, acked: 0, within: soon },
  {
    name: 'natural end, collector hangs',
    scenario: 'natural',
    fault: hang,
    timeoutMs: 600,
    acked: 0,
    within: 600 + SLACK,
    says: /lost 2,000 spans: could not be sent within 0\.6 s; http:\S+ did not answer/,
  },
  {
    name: 'natural end while a batch is on its way to a collector that hangs',
    scenario: 'naturalAfterBatch',
    fault: hang,
    timeoutMs: 600,
    acked: 0,
    within: 600 + SLACK,
    says: /lost 2,000 spans/,
  },
  {
    name: 'natural end, collector down',
    scenario: 'natural',
    fault: down,
    timeoutMs: 600,
    acked: 0,
    within: 600 + SLACK,
    says: /refuses the connection.*\n.*lost 2,000 spans: could not be sent within 0\.6 s\. KEEP/,
  },
  { name: 'natural end of a worker thread', scenario: 'worker', acked: 2_000, within: soon + 2_000 },
  {
    name: 'process.exit(5): its code, and a line about the loss',
    scenario: 'processExit',
    acked: 0,
    within: soon,
    says: /lost 2,000 spans: not sent before process\.exit\(\)\. Await tracing\.flush\(\)/,
  },
  {
    name: 'an uncaught exception: its code and stack, and a line about the loss',
    scenario: 'uncaught',
    acked: 0,
    within: soon,
    says: /lost 2,000 spans: not sent before the process crashed\.$/m,
  },
  {
    name: 'an unhandled rejection: its code and stack, and a line about the loss',
    scenario: 'unhandled',
    acked: 0,
    within: soon,
    says: /lost 2,000 spans: not sent before the process crashed\.$/m,
  },
];

const measured: string[] = [];
afterAll(() => {
  if (process.env.EXIT_MATRIX_REPORT) console.log(measured.toSorted().join('\n'));
});

describe.concurrent('a process ends as without tracing', () => {
  // Seconds are measured while other test files share the two cores: one more try tells a busy machine from a hang.
  test.for(rows)('$name', { timeout: 40_000, retry: 2 }, async (row) => {
    const bare = await play(row, runApp({ args: [script, row.scenario, '0'] }));
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

function startTraced({ scenario, spans = 2_000, timeoutMs, inCode }: Row, { origin }: FaultCollector): App {
  return runApp({
    args: [...(inCode ? [] : ['--import', 'keeptrace/register']), script, scenario, String(spans)],
    env: {
      ...(inCode ? { START_IN_CODE: '1' } : {}),
      OTEL_SERVICE_NAME: 'exit',
      OTEL_EXPORTER_OTLP_ENDPOINT: origin,
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
