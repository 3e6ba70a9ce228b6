// The load for counting: the small route of each service, as fast as it goes or at a steady rate.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SoloTraffic {
  urls: string[];
  /** To each of them. */
  requests: number;
  /** Requests in flight to each of them. */
  atOnce: number;
  /** To each of them; as fast as it goes when undefined. */
  perSecond?: number;
  seed: string;
  progress?: ((done: number) => void) | undefined;
}

export async function sendSolo(traffic: SoloTraffic): Promise<void> {
  const { urls, requests, atOnce, perSecond = Number.POSITIVE_INFINITY, seed, progress } = traffic;
  const agent = new http.Agent({ keepAlive: true });
  const started = performance.now();
  let done = 0;
  await Promise.all(
    urls.map(async (url, service) => {
      let next = 0;
      const lane = async () => {
        while (next < requests) {
          const at = next++;
          const ahead = started + (at * 1000) / perSecond - performance.now();
          if (ahead > 1) await sleep(ahead);
          await send(`${url}/solo`, `${seed}-${service}-${at}`, agent);
          if (++done % 10_000 === 0) progress?.(done);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
    }),
  );
  agent.destroy();
}

function send(url: string, requestId: string, agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers: { 'x-request-id': requestId } }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', reject);
  });
}
