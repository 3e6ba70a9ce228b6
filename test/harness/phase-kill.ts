// Processes killed in the middle of a request. What the killed one held is lost, and nobody promises otherwise; the path
// down to its caller is not.
import { setTimeout as sleep } from 'node:timers/promises';
import { startFleet } from './fleet.ts';
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';
import { requestIdFrom, secretFrom } from './random.ts';
import type { FleetRun } from './run-fleet.ts';
import { expandHops, type Graph } from './service/graph.ts';
import { createPlan } from './service/plan.ts';
import { tally } from './tally.ts';
import { sendTraffic } from './traffic.ts';

export interface KillPhase {
  install: Install;
  seed: string;
  graph: Graph;
  slowMs: number;
  kills: number;
  preload?: string[];
  progress?: (done: number) => void;
}

/** Long enough for the spans of one request to be sent before the next process dies. */
const PAUSE_MS = 700;

export async function killPhase({ install, seed, graph, slowMs, kills, preload = [], progress }: KillPhase) {
  const secret = secretFrom(seed);
  const hops = expandHops(graph);
  const mix = { kill: 1 };
  const plan = createPlan(secret, hops, mix, slowMs);
  const fleet = await startFleet({ install, graph, secret, mix, slowMs, preload });
  try {
    const started = performance.now();
    for (let at = 0; at < kills; at++) {
      const requestId = requestIdFrom(`kill ${seed}`, at);
      const victim = hops.find((hop) => hop.id === plan(requestId)?.hop)!.service;
      await sendTraffic({ entry: fleet.entry, requestIds: [requestId], perSecond: 1, maxInFlight: 1, plan });
      await fleet.restart(victim);
      await sleep(PAUSE_MS);
      progress?.(at + 1);
    }
    const stats = await fleet.settle();
    const { spans } = fleet.receiver;
    const run: FleetRun = {
      tally: tally(fleet.log(), spans, plan, slowMs),
      stats,
      spans,
      seconds: (performance.now() - started) / 1000,
      stderr: [],
    };
    const kind = run.tally.kinds.find((row) => row.kind === 'kill');
    const gate: Gate = {
      id: 'G2',
      ok: kind !== undefined && kind.n === kills && kind.path === kills,
      says: `path from the entry to the caller of a killed process kept in ${kind?.path ?? 0} of ${kind?.n ?? 0}`,
    };
    return { run, gates: [gate] };
  } finally {
    await fleet.stop();
  }
}
