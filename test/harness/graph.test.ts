import { expect, test } from 'vitest';
import { randomFrom } from './random.ts';
import { drawGraph, expandHops } from './service/graph.ts';
import { createPlan, faultKinds } from './service/plan.ts';

const seeds = Array.from({ length: 200 }, (_, at) => `seed ${at}`);
const graphOf = (seed: string) => drawGraph(seed, randomFrom(seed));

test('the same seed draws the same graph, another one another', () => {
  expect(graphOf('a')).toEqual(graphOf('a'));
  expect(new Set(seeds.map((seed) => JSON.stringify(graphOf(seed).services))).size).toBeGreaterThan(190);
});

test.each(seeds.slice(0, 50))('%s: every service is met, by at most twelve hops, over both clients', (seed) => {
  const graph = graphOf(seed);
  const hops = expandHops(graph);
  expect(new Set(hops.map(({ service }) => service)).size).toBe(8);
  expect(hops.length).toBeLessThanOrEqual(12);
  const clients = graph.services.filter(({ calls }) => calls.length > 0).map(({ client }) => client);
  expect(new Set(clients).size).toBe(2);
  for (const { id, parent } of hops)
    expect(parent).toBe(id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : undefined);
});

test('some service is met twice in some graph, so that a process holds two fragments of one trace', () => {
  expect(seeds.some((seed) => expandHops(graphOf(seed)).length > 8)).toBe(true);
});

test('the plan hits the shares it is given, at hops where the fault can happen, and needs the secret', () => {
  const hops = expandHops(graphOf('plan'));
  const mix = Object.fromEntries(faultKinds.map((kind) => [kind, 0.05]));
  const plan = createPlan('secret', hops, mix, 400);
  const ids = Array.from({ length: 20_000 }, (_, at) => `request ${at}`);
  const faults = ids.map(plan);
  for (const kind of faultKinds) {
    const hit = faults.filter((fault) => fault?.kind === kind);
    expect(hit.length).toBeGreaterThan(850);
    expect(hit.length).toBeLessThan(1150);
    if (kind === 'slow-root') expect(new Set(hit.map((fault) => fault?.hop))).toEqual(new Set(['0']));
    else expect(new Set(hit.map((fault) => fault?.hop)).size).toBeGreaterThan(2);
    if (kind === '5xx') expect(hit.some((fault) => fault?.hop === '0')).toBe(false);
  }
  expect(ids.map(createPlan('another secret', hops, mix, 400))).not.toEqual(faults);
});
