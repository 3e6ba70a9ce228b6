// One fleet from start to stop: starts it, sends the load, settles it, and hands back the books of both sides.
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import { type FleetOptions, startFleet } from './fleet.ts';
import { requestIdFrom, secretFrom } from './random.ts';
import { expandHops } from './service/graph.ts';
import { createPlan } from './service/plan.ts';
import { type Tally, tally } from './tally.ts';
import { sendTraffic } from './traffic.ts';

export interface Load {
  requests: number;
  perSecond: number;
  maxInFlight: number;
}

export interface FleetRun {
  tally: Tally;
  /** `stats()` by service. */
  stats: Map<string, unknown>;
  spans: ReceivedSpan[];
  seconds: number;
  /** What the services printed beyond their life lines. */
  stderr: string[];
}

export async function runFleet(
  options: Omit<FleetOptions, 'secret'> & { seed: string; load: Load },
  progress?: (done: number) => void,
): Promise<FleetRun> {
  const { seed, load, graph, mix, slowMs } = options;
  const secret = secretFrom(seed);
  const plan = createPlan(secret, expandHops(graph), mix, slowMs);
  const fleet = await startFleet({ ...options, secret });
  try {
    const started = performance.now();
    const requestIds = Array.from({ length: load.requests }, (_, at) => requestIdFrom(seed, at));
    await sendTraffic({ ...load, entry: fleet.entry, requestIds, plan, ...(progress && { progress }) });
    const seconds = (performance.now() - started) / 1000;
    const stats = await fleet.settle();
    const { spans } = fleet.receiver;
    const stderr = [...fleet.services.values()].flatMap(({ name, stderr }) =>
      stderr()
        .split('\n')
        .filter(Boolean)
        .map((line) => `${name}: ${line}`),
    );
    return { tally: tally(fleet.log(), spans, plan, slowMs), stats, spans, seconds, stderr };
  } finally {
    await fleet.stop();
  }
}
