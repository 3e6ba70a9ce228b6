// Counting where nearly every trace is kept on someone's word: three services in a row, most requests with a hidden
// error. A trace that the head chose as well must go on to stand for ten in the services that saw no error themselves.
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';
import { type FleetRun, runFleet } from './run-fleet.ts';
import type { Graph, ServiceNode } from './service/graph.ts';
import { Z9999 } from './statistics.ts';

export interface WeightsPhase {
  install: Install;
  seed: string;
  requests: number;
  preload?: string[];
}

const node = (name: string, client: ServiceNode['client'], calls: string[]): ServiceNode => ({
  name,
  client,
  parallel: false,
  calls,
});

export async function weightsPhase({ install, seed, requests, preload = [] }: WeightsPhase) {
  const services = [node('s0', 'http', ['s1']), node('s1', 'fetch', ['s2']), node('s2', 'http', [])];
  const graph: Graph = { seed, services };
  const run: FleetRun = await runFleet({
    install,
    graph,
    seed: `${seed} weights`,
    preload,
    mix: { hidden: 0.9 },
    // Neither slowness nor a budget has a say here.
    slowMs: 60_000,
    env: { KEEPTRACE_KEEP_BUDGET: 'off' },
    load: { requests, perSecond: 1_000, maxInFlight: 16 },
  });
  const { counts } = run.tally;
  const far = counts.map(({ weighted, handled, error }) => Math.abs(weighted - handled) / error);
  const gate: Gate = {
    id: 'G8',
    ok: counts.length === services.length && Math.max(...far) <= Z9999 + 0.5,
    says: `requests from exported weights where nine of ten traces are kept for an error: ${counts
      .map(({ service, weighted, handled, error }) => {
        const noise = `± ${error.toFixed(0)}`;
        return `${service} ${weighted.toFixed(0)} ${noise} for ${handled}`;
      })
      .join(', ')}`,
  };
  return { run, gates: [gate] };
}
