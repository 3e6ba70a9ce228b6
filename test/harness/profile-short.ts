// The short profile: one graph, a few hundred requests, both negative controls, under 40 s. Part of `npm test`.

import { noSignal } from './controls.ts';
import { brief, controlGate, type Gate, mainGates } from './gates.ts';
import type { Install } from './install.ts';
import { extrapolationPhase } from './phase-extrapolation.ts';
import { weightsPhase } from './phase-weights.ts';
import { randomFrom } from './random.ts';
import { type FleetRun, type Load, runFleet } from './run-fleet.ts';
import { drawGraph, type Graph } from './service/graph.ts';
import type { Mix } from './service/plan.ts';

/** A quarter of a second would be reached by chance on a busy machine. */
export const SLOW_MS = 500;

export const everyFault: Mix = {
  '5xx': 0.08,
  hidden: 0.1,
  absorbed: 0.1,
  reset: 0.04,
  late: 0.03,
  abort: 0.03,
  'slow-leaf': 0.02,
  'slow-root': 0.05,
  'slow-any': 0.02,
};
/** What tells a control from the real thing. */
export const controlFaults: Mix = { '5xx': 0.1, hidden: 0.25, absorbed: 0.25 };

export interface ShortRun {
  seed: string;
  graph: Graph;
  main: FleetRun;
  controls: { name: string; run: FleetRun }[];
  gates: Gate[];
}

export interface ShortOptions {
  install: Install;
  seed: string;
  requests?: number;
  controls?: boolean;
  preload?: string[];
  say?: (line: string) => void;
}

export async function runShort(options: ShortOptions): Promise<ShortRun> {
  const { install, seed, requests = 320, preload = [], say = () => {} } = options;
  const graph = drawGraph(seed, randomFrom(seed));
  const load = (count: number): Load => ({ requests: count, perSecond: 120, maxInFlight: 10 });
  const shared = { install, graph, seed, slowMs: SLOW_MS, preload };

  const main = await runFleet({ ...shared, mix: everyFault, load: load(requests) });
  say(`keeptrace: ${main.seconds.toFixed(1)} s`);
  const counting = async () => {
    const weights = await weightsPhase({ install, seed, preload, requests: 3 * requests });
    const each = await extrapolationPhase({ install, seed, preload, services: 2, requests: 8_000 });
    say('counting service by service done');
    return [...weights.gates, ...each.gates];
  };
  const controls: ShortRun['controls'] = [];
  const controlling = async () => {
    if (options.controls === false) return;
    // Where a busy machine makes every request slow, each service would keep the path by itself, and the control pass.
    const control = { ...shared, slowMs: 60_000, mix: controlFaults, load: load(Math.round(requests / 3)) };
    controls.push({ name: 'plain head sampling', run: await runFleet({ ...control, tracing: 'official' }) });
    say('plain head sampling done');
    controls.push({ name: 'keeping without the signal', run: await runFleet({ ...control, filters: noSignal }) });
    say('keeping without the signal done');
  };
  // Slowness has a say in neither, and a fleet mostly waits: for its start and to settle.
  const [counted] = await Promise.all([counting(), controlling()]);
  const gates = [...mainGates([main], brief), ...counted, ...controls.map(({ name, run }) => controlGate(name, run))];
  return { seed, graph, main, controls, gates };
}
