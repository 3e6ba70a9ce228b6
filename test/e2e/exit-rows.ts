// How a process can end, and what of 2,000 waiting spans the collector must have then.
import type { Fault } from '../faults/fault-collector.ts';

export interface Row {
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
  /** The fixture, where it is not `app.mjs`. */
  app?: string;
  /** Further variables for the traced process. */
  env?: Record<string, string>;
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
const json = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
const gzip = { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };

export const rows: Row[] = [
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
    acked: 2_001,
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
    name: 'SIGTERM, the app calls process.exit(3) at once',
    scenario: 'exit3',
    signal: 'SIGTERM',
    acked: 2_000,
    within: soon,
  },
  {
    name: 'SIGTERM, spans that end while the app cleans up are sent too',
    scenario: 'slowCleanup',
    signal: 'SIGTERM',
    acked: 2_100,
    within: 1_000 + SLACK,
  },
  {
    name: 'SIGTERM, the app has removed every handler',
    scenario: 'handlerRemoved',
    signal: 'SIGTERM',
    acked: 2_000,
    within: soon,
  },
  { name: 'SIGTERM, process.kill replaced', scenario: 'killReplaced', signal: 'SIGTERM', acked: 2_000, within: soon },
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
  { name: 'natural end, process.nextTick faked', scenario: 'fakeTicks', acked: 2_000, within: soon },
  {
    name: 'SIGTERM, process.nextTick faked',
    scenario: 'fakeTicksTimers',
    signal: 'SIGTERM',
    acked: 2_000,
    within: soon,
  },
  {
    name: 'natural end, process.nextTick faked, after a flush',
    scenario: 'fakeTicksFlush',
    env: { FLUSH: '1', KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '300' },
    acked: 2_000,
    within: soon + 300,
  },
  { name: 'natural end of a worker thread', scenario: 'worker', acked: 2_000, within: soon + 2_000 },
];

/** Ends after which no event loop turns any more: another thread sends what is left, for half a second at most. */
const capped = 500 + SLACK;
const exited = /lost 2,000 spans: not sent before process\.exit\(\); http:\S+ /;
const crashed = /lost 2,000 spans: not sent before the process crashed/;
const busy: Fault = { kind: 'status', status: 503 };

for (const [end, scenario, says] of [
  ['process.exit(5)', 'processExit', exited],
  ['an uncaught exception', 'uncaught', crashed],
  ['an unhandled rejection', 'unhandled', crashed],
] as const) {
  rows.push(
    { name: `${end}: code and output are its own, all spans arrive`, scenario, acked: 2_000, within: soon },
    { name: `${end}, collector hangs`, scenario, fault: hang, acked: 0, within: capped, says },
    { name: `${end}, collector down`, scenario, fault: down, acked: 0, within: capped, says },
  );
}
const scenario = 'processExit';
rows.push(
  { name: 'process.exit(5), http/json', scenario, env: json, acked: 2_000, within: soon },
  { name: 'process.exit(5), gzip', scenario, env: gzip, acked: 2_000, within: soon },
  {
    name: 'process.exit(5), collector is slow',
    scenario,
    fault: { kind: 'slow', ms: 50 },
    acked: 2_000,
    within: capped,
  },
  {
    name: 'process.exit(5), collector drips',
    scenario,
    fault: { kind: 'dripping-head' },
    acked: 0,
    within: capped,
    says: exited,
  },
  { name: 'process.exit(5), collector answers 503', scenario, fault: busy, acked: 0, within: soon, says: exited },
  { name: 'process.exit(5) in a worker thread', scenario: 'workerExit', acked: 2_000, within: soon + 2_000 },
  { name: 'process.exit(5), CommonJS', scenario, app: 'app.cjs', acked: 2_000, within: soon },
  { name: 'process.exit(5) in a folder that was deleted', scenario: 'deletedFolder', acked: 2_000, within: soon },
  { name: "an 'uncaughtException' handler that throws", scenario: 'handlerThrows', acked: 2_000, within: soon },
  { name: 'an uncaught exception, CommonJS', scenario: 'uncaught', app: 'app.cjs', acked: 2_000, within: soon },
);
