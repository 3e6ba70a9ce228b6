// Eight services as processes, wired up along a graph, with one way of tracing them.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { type Filters, type Front, startFront } from './front.ts';
import type { Install } from './install.ts';
import type { Graph } from './service/graph.ts';
import type { Mix } from './service/plan.ts';
import type { Assignment, LogLine } from './service/protocol.ts';
import { type ServiceProcess, startService } from './service-process.ts';

export interface FleetOptions {
  install: Install;
  graph: Graph;
  secret: string;
  mix: Mix;
  slowMs: number;
  soloErrors?: number;
  /** `official`: the official SDK at head 10 %. */
  tracing?: 'keeptrace' | 'official';
  /** A front before every service, which changes headers. */
  filters?: Filters | undefined;
  env?: Record<string, string>;
  /** Preloaded before keeptrace: a mutation. */
  preload?: string[];
}

export interface Fleet {
  entry: string;
  receiver: Receiver;
  services: Map<string, ServiceProcess>;
  /** What the services logged so far. */
  log(): LogLine[];
  /** Waits until everything is decided and sent. Returns `stats()` by service. */
  settle(): Promise<Map<string, unknown>>;
  /** After a kill: the same service at the same address. */
  restart(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Above the second that the keeper waits for spans which never end. */
const QUIET_MS = 1_300;
const MAX_SPANS = 4_000_000;

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { install, graph, secret, mix, slowMs, soloErrors = 0, tracing = 'keeptrace' } = options;
  const receiver = await startReceiver({ maxSpans: MAX_SPANS });
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-harness-log-'));
  const logFile = join(folder, 'oracle.jsonl');
  closeSync(openSync(logFile, 'a'));
  const launch = {
    args: [
      ...(options.preload ?? []).flatMap((file) => ['--import', file]),
      '--import',
      preloads[tracing],
      install.service,
    ],
    cwd: install.folder,
    env: { ...environment(tracing, receiver.url, slowMs), ...options.env },
  };
  const assignment = (service: string, port = 0, peers = {}): Assignment => ({
    service,
    graph,
    peers,
    secret,
    mix,
    soloErrors,
    slowMs,
    logFile,
    port,
  });

  const services = new Map<string, ServiceProcess>();
  await Promise.all(
    graph.services.map(async ({ name }) => services.set(name, await startService(launch, assignment(name)))),
  );
  const fronts: Front[] = [];
  const peers: Record<string, string> = {};
  for (const [name, { port }] of services) {
    const url = `http://127.0.0.1:${port}`;
    if (options.filters !== undefined) fronts.push(await startFront(url, options.filters));
    peers[name] = options.filters === undefined ? url : fronts.at(-1)!.url;
  }
  for (const service of services.values()) service.tell({ order: 'peers', peers });

  return {
    entry: `http://127.0.0.1:${services.get(graph.services[0]!.name)!.port}`,
    receiver,
    services,
    log: () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogLine),
    async settle() {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const stats = new Map<string, unknown>();
      await Promise.all(
        [...services].map(async ([name, service]) => {
          const answer = await service.order({ order: 'settle', own: tracing === 'keeptrace' }, 'settled');
          stats.set(name, answer.stats);
        }),
      );
      return stats;
    },
    async restart(name) {
      const before = services.get(name)!;
      await before.gone;
      services.set(name, await startService(launch, assignment(name, before.port, peers)));
    },
    async stop() {
      await Promise.all([...services.values()].map((service) => service.stop()));
      for (const front of fronts) front.close();
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const preloads = {
  keeptrace: 'keeptrace/register',
  official: join(import.meta.dirname, 'official.mjs'),
};

/** What an operator would set, and nothing that tells of a test. The ratio of 10 % is the default in production. */
function environment(tracing: 'keeptrace' | 'official', endpoint: string, slowMs: number): Record<string, string> {
  const shared = { NODE_ENV: 'production', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '200' };
  if (tracing === 'keeptrace') return { ...shared, KEEPTRACE_SLOW_MS: String(slowMs) };
  return {
    ...shared,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
  };
}
