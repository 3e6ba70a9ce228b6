// The load: requests at a steady rate whatever the answers, from a process that is not traced.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ABORT_AFTER_MS } from './service/handler.ts';
import type { Plan } from './service/plan.ts';

export interface Traffic {
  entry: string;
  requestIds: string[];
  perSecond: number;
  /** No further request is begun while so many are in flight, so that a slow machine is not buried. */
  maxInFlight: number;
  /** Who hangs up on the entry is decided by the same plan. */
  plan: Plan;
  progress?: (done: number) => void;
}

export async function sendTraffic(traffic: Traffic): Promise<void> {
  const { entry, requestIds, perSecond, maxInFlight, plan, progress } = traffic;
  const agent = new http.Agent({ keepAlive: true });
  const inFlight = new Set<Promise<void>>();
  const started = performance.now();
  for (const [at, requestId] of requestIds.entries()) {
    const ahead = started + (at * 1000) / perSecond - performance.now();
    if (ahead > 1) await sleep(ahead);
    while (inFlight.size >= maxInFlight) await Promise.race(inFlight);
    const fault = plan(requestId);
    const cut = fault?.kind === 'abort' && fault.hop === '0' ? AbortSignal.timeout(ABORT_AFTER_MS) : undefined;
    const one = send(`${entry}/step/entry`, { 'x-request-id': requestId }, agent, cut).then(() => {
      inFlight.delete(one);
    });
    inFlight.add(one);
    if (at % 100 === 0) progress?.(at);
  }
  await Promise.all(inFlight);
  agent.destroy();
}

/** Resolves however it ends: what became of a request is for the services' log to say. */
function send(url: string, headers: Record<string, string>, agent: http.Agent, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const request = http.get(url, { headers, agent, ...(signal && { signal }) }, (response) => {
      response.resume();
      response.on('close', resolve);
      response.on('error', () => {});
    });
    request.on('error', () => resolve());
  });
}
