// A storm: far more errors than the budget. What is kept must stay within it, and the weights must still tell the truth.
import { startFleet } from './fleet.ts';
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';
import { count, loners, signed } from './phase-count.ts';
import { secretFrom } from './random.ts';
import { sendSolo } from './solo-traffic.ts';

export interface StormPhase {
  install: Install;
  seed: string;
  seconds: number;
  perSecond: number;
  /** Forced keeps a second. */
  budget: number;
  preload?: string[];
}

const ERRORS = 0.6;
const OVER = 1.2;

export async function stormPhase({ install, seed, seconds, perSecond, budget, preload = [] }: StormPhase) {
  const graph = loners(seed, 1);
  const env = { KEEPTRACE_KEEP_BUDGET: String(budget) };
  const secret = secretFrom(seed);
  const fleet = await startFleet({ install, graph, secret, mix: {}, slowMs: 60_000, soloErrors: ERRORS, env, preload });
  try {
    const { port } = fleet.services.get('s0')!;
    const started = performance.now();
    await sendSolo({ urls: [`http://127.0.0.1:${port}`], requests: seconds * perSecond, atOnce: 64, perSecond, seed });
    const took = (performance.now() - started) / 1000;
    const [counted] = await count(fleet);
    const { failed, weightedFailed, failedSpans } = counted!;
    const bias = weightedFailed / failed - 1;
    const rate = failedSpans / took;
    const gates: Gate[] = [
      {
        id: 'G8',
        ok: failedSpans > 0 && Math.abs(bias) <= 0.05,
        says: `throttled, ${(failed / took).toFixed(0)} errors/s at a budget of ${budget}: ${weightedFailed.toFixed(0)} for ${failed} errors from exported weights (${signed(bias)})`,
      },
      {
        id: 'G9',
        ok: rate <= OVER * budget,
        says: `error traces kept per second: ${rate.toFixed(0)}, at most ${OVER * budget} allowed`,
      },
    ];
    const said = fleet.services
      .get('s0')!
      .stderr()
      .split('\n')
      .filter((line) => /budget/i.test(line));
    return { gates, said };
  } finally {
    await fleet.stop();
  }
}
