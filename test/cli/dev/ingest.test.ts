import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { About, TraceSummary } from '../../../src/cli/dev/contract.ts';
import { oneEachTurn } from '../../../src/cli/dev/one-each-turn.ts';
import { runApp } from '../../support/processes.ts';
import { ask, bodyOf, getJson, listen, span, traceIdOf } from './rig.ts';

test('work begins in the order it was asked for, and not all of it in one turn', async () => {
  const turn = oneEachTurn();
  const log: string[] = [];
  const work = async (name: string) => {
    await turn();
    log.push(name);
  };
  const between = async () => {
    while (log.length < 6) {
      await new Promise((resolve) => setImmediate(resolve));
      if (log.at(-1) !== '-') log.push('-');
    }
  };
  await Promise.all([work('a'), work('b'), between(), work('c')]);
  expect(log.filter((entry) => entry !== '-')).toEqual(['a', 'b', 'c']);
  expect(log.join('')).toMatch(/a-+b-+c/);
  await work('d');
  expect(log.at(-1)).toBe('d');
});

test('ten thousand traces come in while lists and events go out', async () => {
  const app = runApp({ args: ['dist/esm/cli.js', 'dev', '--port', '0'] });
  const url = /http:\/\/\S+/.exec(await app.line(/^keeptrace dev \S+: http/))![0];
  const bodies = Array.from({ length: 100 }, (_, batch) =>
    bodyOf(
      Array.from({ length: 100 }, (_, at) => {
        const trace = traceIdOf(batch * 100 + at + 1);
        return ['POST', 'query', 'send'].map((id, n) => span({ trace, id, ...(n === 0 ? {} : { parent: 'POST' }) }));
      }).flat(),
    ),
  );
  const events = await listen({ url });
  const told = new Set<string>();
  const telling = (async () => {
    while (!told.has(traceIdOf(10_000))) {
      for (const { traceId } of (await events.next('traces')).traces as TraceSummary[]) told.add(traceId);
    }
  })();

  let next = 0;
  const headers = { 'content-type': 'application/json' };
  const senders = Array.from({ length: 4 }, async () => {
    while (next < bodies.length) {
      const answer = await ask(`${url}/v1/traces`, { method: 'POST', headers, body: bodies[next++]! });
      expect(answer.status).toBe(200);
    }
  });
  const times: number[] = [];
  const looking = (async () => {
    while (next < bodies.length) {
      const asked = performance.now();
      await getJson(`${url}/api/traces?limit=200&text=query`);
      times.push(performance.now() - asked);
      await delay(5);
    }
  })();
  await Promise.all([...senders, looking, telling]);
  events.close();

  const { counts } = await getJson<About>(`${url}/api/about`);
  expect(counts).toMatchObject({ traces: 500, spans: 1500, evicted: 9500, refusedSpans: 0 });
  expect(times.length).toBeGreaterThan(3);
  // Far above what it takes, for a busy machine; all of the exports at once take longer.
  expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(100);
  app.kill();
  await app.exit;
});
