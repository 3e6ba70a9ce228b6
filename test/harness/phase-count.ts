// Counting from samples: what the exported weights say of requests and errors, held against the services' own counters.
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { weightOf } from './fragments.ts';
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';
import { secretFrom } from './random.ts';
import type { Graph } from './service/graph.ts';
import { sendSolo } from './solo-traffic.ts';
import { percent, Z9999 } from './statistics.ts';

export interface CountPhase {
  install: Install;
  seed: string;
  /** To each service. */
  requests: number;
  preload?: string[];
  progress?: (done: number) => void;
}

export interface Counted {
  service: string;
  handled: number;
  failed: number;
  weighted: number;
  weightedFailed: number;
  /** Exported spans of failed requests. */
  failedSpans: number;
}

const SERVICES = 8;
/** Nothing is slow here. */
const SLOW_MS = 60_000;
const HEAD = 0.1;

export const loners = (seed: string, size: number): Graph => ({
  seed,
  services: Array.from({ length: size }, (_, at) => ({ name: `s${at}`, client: 'http', parallel: false, calls: [] })),
});

export async function countPhase({ install, seed, requests, preload = [], progress }: CountPhase) {
  const graph = loners(seed, SERVICES);
  const options = { install, graph, secret: secretFrom(seed), mix: {}, slowMs: SLOW_MS, soloErrors: 0.01, preload };
  const fleet = await startFleet(options);
  try {
    const urls = [...fleet.services.values()].map(({ port }) => `http://127.0.0.1:${port}`);
    await sendSolo({ urls, requests, atOnce: 4, seed, progress });
    const counts = await count(fleet);
    return { counts, gates: countGates(counts) };
  } finally {
    await fleet.stop();
  }
}

export async function count(fleet: Fleet): Promise<Counted[]> {
  await fleet.settle();
  return Promise.all(
    [...fleet.services.values()].map(async (service): Promise<Counted> => {
      const { handled, failed } = await service.order({ order: 'solo' }, 'solo');
      const spans = fleet.receiver.spans.filter((span) => span.resource['service.name'] === service.name);
      const wrong = spans.filter((span) => span.status.code === 'error');
      const weigh = (list: ReceivedSpan[]) => list.reduce((sum, span) => sum + weightOf(span), 0);
      return {
        service: service.name,
        handled,
        failed,
        weighted: weigh(spans),
        weightedFailed: weigh(wrong),
        failedSpans: wrong.length,
      };
    }),
  );
}

/**
 * Ten per cent of 50,000 requests tell the 50,000 to ±2.6 % (95 %) however good the sampler is, so 2 % is asked of all
 * services together, and of each that it lies where chance can put it.
 */
function countGates(counts: Counted[]): Gate[] {
  const handled = counts.reduce((sum, count) => sum + count.handled, 0);
  const weighted = counts.reduce((sum, count) => sum + count.weighted, 0);
  const offs = counts.map((count) => count.weighted / count.handled - 1);
  const far = counts.map((count, at) => Math.abs(offs[at]!) / Math.sqrt((1 - HEAD) / HEAD / count.handled));
  const exact = counts.filter((count) => Math.abs(count.weightedFailed - count.failed) < 1e-6);
  const bias = weighted / handled - 1;
  return [
    {
      id: 'G8',
      ok: Math.abs(bias) <= 0.02 && Math.max(...far) <= Z9999 + 0.5,
      says:
        `requests from exported weights: ${weighted.toFixed(0)} for ${handled} in ${counts.length} services (${signed(bias)}); ` +
        `one by one ${signed(Math.min(...offs))} to ${signed(Math.max(...offs))}, at most ${Math.max(...far).toFixed(1)} standard errors`,
    },
    {
      id: 'G8',
      ok: exact.length === counts.length,
      says: `errors from exported weights: ${counts.map((count) => `${count.weightedFailed.toFixed(0)} for ${count.failed}`).join(', ')}`,
    },
  ];
}

export const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
