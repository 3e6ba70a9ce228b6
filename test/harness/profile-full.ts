// The full profile: thousands of faults over several fresh graphs, every gate at the size its promise names.

import { noSignal } from './controls.ts';
import { controlGate, type Gate, mainGates, strict } from './gates.ts';
import type { Install } from './install.ts';
import { countPhase } from './phase-count.ts';
import { deadlinePhase } from './phase-deadline.ts';
import { extrapolationPhase } from './phase-extrapolation.ts';
import { killPhase } from './phase-kill.ts';
import { memoryPhase } from './phase-memory.ts';
import { stormPhase } from './phase-storm.ts';
import { weightsPhase } from './phase-weights.ts';
import { controlFaults, everyFault, SLOW_MS } from './profile-short.ts';
import { randomFrom } from './random.ts';
import { type FleetRun, runFleet } from './run-fleet.ts';
import { drawGraph, type Graph } from './service/graph.ts';

export interface FullOptions {
  install: Install;
  seed: string;
  graphs?: number;
  /** Through each graph. */
  requests?: number;
  /** To each service when counting. */
  counted?: number;
  preload?: string[];
  begin(title: string): (done: number) => void;
}

export interface FullRun {
  graphs: Graph[];
  main: FleetRun[];
  controls: { name: string; run: FleetRun }[];
  deadline: FleetRun;
  kill: FleetRun;
  gates: Gate[];
}

export async function runFull(options: FullOptions): Promise<FullRun> {
  const { install, seed, graphs: size = 3, requests = 3_400, counted = 50_000, preload = [], begin } = options;
  const load = (count: number) => ({ requests: count, perSecond: 150, maxInFlight: 10 });
  const graphs = Array.from({ length: size }, (_, at) => drawGraph(`${seed} ${at}`, randomFrom(`${seed} ${at}`)));
  const main: FleetRun[] = [];
  for (const graph of graphs) {
    const progress = begin(`faults on graph ${main.length + 1} of ${size}, ${requests} requests`);
    const run = { install, preload, graph, seed: graph.seed, mix: everyFault, slowMs: SLOW_MS, load: load(requests) };
    main.push(await runFleet(run, progress));
  }
  const graph = graphs[0]!;
  const shared = { install, preload, graph, seed, slowMs: SLOW_MS };
  const control = { ...shared, mix: controlFaults, load: load(400) };
  const controls: FullRun['controls'] = [];
  const head = await runFleet({ ...control, tracing: 'official' }, begin('control: plain head sampling, 400 requests'));
  controls.push({ name: 'plain head sampling', run: head });
  const local = await runFleet({ ...control, filters: noSignal }, begin('control: without the signal, 400 requests'));
  controls.push({ name: 'keeping without the signal', run: local });
  const deadline = await deadlinePhase({ ...shared, requests: 600, progress: begin('slow traces, 600 requests') });
  const kill = await killPhase({ ...shared, kills: 20, progress: begin('20 processes killed') });
  const count = await countPhase({
    ...shared,
    requests: counted,
    progress: begin(`counting, ${counted * 8} requests`),
  });
  const each = await extrapolationPhase({
    ...shared,
    services: 8,
    requests: 360_000,
    progress: begin('counting service by service, 8 times 360,000 requests'),
  });
  begin('weights where most traces are kept, 6000 requests');
  const weights = await weightsPhase({ ...shared, requests: 6_000 });
  begin('error storm, 45 s');
  const storm = await stormPhase({ ...shared, seconds: 45, perSecond: 1_000, budget: 100 });
  begin('floods of memory');
  const memory = await memoryPhase({ install });
  return {
    graphs,
    main,
    controls,
    deadline: deadline.run,
    kill: kill.run,
    gates: [
      ...mainGates(main, strict),
      ...controls.map(({ name, run }) => controlGate(name, run)),
      ...deadline.gates,
      ...kill.gates,
      ...count.gates,
      ...each.gates,
      ...weights.gates,
      ...storm.gates,
      ...memory.gates,
    ],
  };
}
