// Slow traces: with the deadline in the tracestate, whoever is still at work when the entry turns slow keeps itself.
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';
import { type FleetRun, runFleet } from './run-fleet.ts';
import type { Graph } from './service/graph.ts';
import { percent, wilson } from './statistics.ts';

export interface DeadlinePhase {
  install: Install;
  seed: string;
  graph: Graph;
  slowMs: number;
  requests: number;
  preload?: string[];
  progress?: (done: number) => void;
}

const PROMISED = 0.75;

export async function deadlinePhase(options: DeadlinePhase) {
  const { install, seed, graph, slowMs, requests, preload = [], progress } = options;
  const shared = { install, graph, slowMs, preload, mix: { 'slow-any': 0.9 } };
  // They mostly sleep, so many may be in flight at once.
  const load = (count: number) => ({ requests: count, perSecond: 35, maxInFlight: 60 });
  const env = { KEEPTRACE_SLOW_DEADLINE: 'true' };
  const run = await runFleet({ ...shared, seed: `${seed} deadline`, env, load: load(requests) }, progress);
  const without = await runFleet({ ...shared, seed: `${seed} no deadline`, load: load(Math.round(requests / 3)) });
  const [ours, control] = [slowOf(run), slowOf(without)];
  const gate: Gate = {
    id: 'G3',
    ok: ours.n >= requests / 2 && ours.path / ours.n >= PROMISED,
    says:
      `path from the entry to the slowest service kept in ${ours.path} of ${ours.n} slow traces, ${percent(ours.path / ours.n)} (95 %: ≥ ${percent(wilson(ours.path, ours.n).low)}); ` +
      `without the deadline ${control.path} of ${control.n}, ${percent(control.path / control.n)}`,
  };
  return { run, without, gates: [gate] };
}

const slowOf = ({ tally }: FleetRun) => tally.kinds.find(({ kind }) => kind === 'slow-any') ?? { n: 0, path: 0 };
