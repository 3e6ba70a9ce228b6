// Owns who calls whom: eight services on a graph drawn from a seed, and the hops a request takes through it.

export interface ServiceNode {
  name: string;
  /** The client it calls others with. */
  client: 'http' | 'fetch';
  /** Calls all at once instead of one after the other. */
  parallel: boolean;
  calls: string[];
}

export interface Graph {
  seed: string;
  /** The first one is the entry. */
  services: ServiceNode[];
}

/** One handling of a request by one service. The entry is `0`, its second call `0.1`, and so on. */
export interface Hop {
  id: string;
  service: string;
  parent: string | undefined;
  leaf: boolean;
}

const MAX_HOPS = 12;

/**
 * A tree over all services plus up to two further calls, so that some service may be met twice in a trace.
 * @param random uniform in [0, 1)
 */
export function drawGraph(seed: string, random: () => number, size = 8): Graph {
  const services = Array.from({ length: size }, (_, at): ServiceNode => {
    const client = at < 2 ? (at === 0 ? 'http' : 'fetch') : random() < 0.5 ? 'http' : 'fetch';
    return { name: `s${at}`, client, parallel: random() < 0.5, calls: [] };
  });
  // s1 always calls s2, so that both clients are called with.
  for (let at = 1; at < size; at++) {
    const caller = at < 3 ? at - 1 : Math.floor(random() * at);
    services[caller]!.calls.push(`s${at}`);
  }
  for (let extra = 0; extra < 2; extra++) {
    const from = Math.floor(random() * (size - 1));
    const to = from + 1 + Math.floor(random() * (size - 1 - from));
    services[from]!.calls.push(`s${to}`);
    if (expandHops({ seed, services }).length > MAX_HOPS) services[from]!.calls.pop();
  }
  return { seed, services };
}

export function expandHops(graph: Graph): Hop[] {
  const hops: Hop[] = [];
  const visit = (service: string, id: string, parent: string | undefined) => {
    const { calls } = nodeOf(graph, service);
    hops.push({ id, service, parent, leaf: calls.length === 0 });
    calls.forEach((name, at) => {
      visit(name, `${id}.${at}`, id);
    });
  };
  visit(graph.services[0]!.name, '0', undefined);
  return hops;
}

export function nodeOf(graph: Graph, name: string): ServiceNode {
  const node = graph.services.find((service) => service.name === name);
  if (node === undefined) throw new Error(`the graph of seed ${graph.seed} has no service ${name}`);
  return node;
}

/** One line per caller: `s0 =http=> s1, s4`, `=` for calls at once and `-` for one after the other. */
export function describeGraph(graph: Graph): string[] {
  return graph.services
    .filter(({ calls }) => calls.length > 0)
    .map(({ name, client, parallel, calls }) => {
      const line = parallel ? '=' : '-';
      return `${name} ${line}${client}${line}> ${calls.join(', ')}`;
    });
}
