// Queue edges: a request, two queues and three processes. What each of them keeps when one of them fails.
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { ReceivedSpan } from '../../src/receiver/received-span.ts';
import { startReceiver } from '../../src/receiver/server.ts';
import { startTestAws, type TestAws } from '../support/aws/aws-clients.ts';
import { type App, runApp } from '../support/processes.ts';
import type { Gate } from './gates.ts';
import { secretFrom } from './random.ts';
import { binomial, percent, within, Z9999 } from './statistics.ts';

export const ROLES = ['sender', 'middle', 'last'] as const;
type Role = (typeof ROLES)[number];
export const FATES = ['none', 'sender-before', 'sender-after', 'middle-before', 'middle-after', 'last-after'] as const;
type Fate = (typeof FATES)[number];

/** Which fragments a fate has kept, whatever the head decided: of whoever failed, and of whom it sent to from then on. */
const PROMISED: Record<Fate, Role[]> = {
  none: [],
  'sender-before': ['sender', 'middle', 'last'],
  'sender-after': ['sender'],
  'middle-before': ['middle', 'last'],
  'middle-after': ['middle'],
  'last-after': ['last'],
};
const WHERE: Record<Fate, string> = {
  none: 'nowhere',
  'sender-before': 'in the request, before it sends',
  'sender-after': 'in the request, after it has sent',
  'middle-before': 'in the first consumer, before it sends on',
  'middle-after': 'in the first consumer, after it has sent on',
  'last-after': 'in the last consumer',
};
const HEAD = 0.1;
const AT_ONCE = 8;

export interface QueueRow {
  fate: Fate;
  n: number;
  kept: Record<Role, number>;
}

export interface QueueRun {
  rows: QueueRow[];
  gates: Gate[];
}

export interface QueuePhase {
  seed: string;
  requests: number;
  preload?: string[];
}

/** Always with `dist` of this repository: the packed package has no AWS clients beside it. */
export async function queuePhase({ seed, requests, preload = [] }: QueuePhase): Promise<QueueRun> {
  const receiver = await startReceiver();
  const aws = await startTestAws();
  const folder = join(import.meta.dirname, 'queue');
  const apps: App[] = [];
  try {
    const [first, second] = [await aws.queue('first'), await aws.queue('second')];
    const start = (role: Role, script: string, env: Record<string, string>) => {
      const app = runApp({
        args: [...[...preload, 'keeptrace/register'].flatMap((file) => ['--import', file]), join(folder, script)],
        cwd: join(import.meta.dirname, '../..'),
        env: { ...environment(aws, receiver.url), OTEL_SERVICE_NAME: role, ROLE: role, ...env },
      });
      apps.push(app);
      return app;
    };
    const sender = start('sender', 'sender.mjs', { SENDS_TO: first });
    start('middle', 'worker.mjs', { RECEIVES_FROM: first, SENDS_TO: second });
    const last = start('last', 'worker.mjs', { RECEIVES_FROM: second });
    const port = (await sender.line(/^listening on/)).split(' ').at(-1);
    const fateOf = drawFate(secretFrom(seed));
    const traces = await send(`http://127.0.0.1:${port}`, seed, requests, fateOf);
    await last.line(new RegExp(`^done ${requests}$`), 120_000);
    for (const app of apps) app.kill('SIGTERM');
    await Promise.all(apps.map(({ exit }) => exit));
    return judge(receiver.spans, traces, fateOf);
  } finally {
    for (const app of apps) app.kill('SIGKILL');
    await aws.close();
    await receiver.close();
  }
}

/** What an operator would set. 10 % is the default in production. */
function environment({ endpoint, region, credentials }: TestAws, receiver: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    // Hundreds of failures a second, which the budget is there to throttle.
    KEEPTRACE_KEEP_BUDGET: 'off',
    // On a machine that is busy, requests without a fault would be kept for taking a second.
    KEEPTRACE_SLOW_MS: 'off',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** A keyed hash, so that nothing in the processes can foresee it. Half of the requests fail nowhere. */
function drawFate(secret: string): (id: string) => Fate {
  const failures = FATES.slice(1);
  return (id) => {
    const draw = createHmac('sha256', secret).update(id).digest().readUInt32BE(0);
    return draw % 2 === 0 ? 'none' : failures[(draw >>> 1) % failures.length]!;
  };
}

/** @returns the trace of each request, also of those that nobody keeps */
async function send(url: string, seed: string, requests: number, fateOf: (id: string) => Fate) {
  const traces = new Map<string, string>();
  let next = 0;
  const lane = async () => {
    while (next < requests) {
      const id = `${seed}-${next++}`;
      const response = await fetch(`${url}/?id=${id}&fate=${fateOf(id)}`);
      traces.set(id, await response.text());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return traces;
}

function judge(spans: ReceivedSpan[], traces: Map<string, string>, fateOf: (id: string) => Fate): QueueRun {
  const heads = spans.filter((span) => span.attributes['app.request.id'] !== undefined);
  const kept = new Map(ROLES.map((role) => [role, new Set<string>()]));
  let strayed = 0;
  let doubled = 0;
  for (const { attributes, resource, traceId } of heads) {
    const id = String(attributes['app.request.id']);
    const ids = kept.get(resource['service.name'] as Role)!;
    if (traces.get(id) !== traceId) strayed++;
    if (ids.has(id)) doubled++;
    ids.add(id);
  }
  const rows = FATES.map((fate) => {
    const ids = [...traces.keys()].filter((id) => fateOf(id) === fate);
    const of = (role: Role) => ids.filter((id) => kept.get(role)?.has(id)).length;
    return { fate, n: ids.length, kept: { sender: of('sender'), middle: of('middle'), last: of('last') } };
  });
  return { rows, gates: [...gatesOf(rows), clean(strayed, doubled, heads.length)] };
}

function gatesOf(rows: QueueRow[]): Gate[] {
  const cells = rows.flatMap(({ fate, n, kept }) =>
    ROLES.map((role) => ({ n, kept: kept[role], promised: PROMISED[fate].includes(role) })),
  );
  const sum = (promised: boolean) => {
    const chosen = cells.filter((cell) => cell.promised === promised);
    return { n: total(chosen.map(({ n }) => n)), kept: total(chosen.map(({ kept }) => kept)) };
  };
  const [promised, others] = [sum(true), sum(false)];
  const { n, kept } = rows[0]!;
  return [
    {
      id: 'Q1',
      ok: promised.n > 0 && promised.kept === promised.n,
      says: `over queues, fragments of whoever failed and of whom it sent to from then on: ${promised.kept} of ${promised.n} kept`,
    },
    {
      id: 'Q2',
      ok: kept.sender === kept.middle && kept.middle === kept.last && within(kept.sender, ofHead(n)),
      says: `over queues, traces without a fault: ${kept.sender} of ${n} kept by the request, ${kept.middle} and ${kept.last} by the consumers`,
    },
    {
      id: 'Q3',
      // Three fragments of a trace share one decision of the head.
      ok: within(others.kept / 3, ofHead(others.n / 3)),
      says: `over queues, everything else as the head decided: ${others.kept} of ${others.n}, ${percent(others.kept / others.n)}`,
    },
  ];
}

function clean(strayed: number, doubled: number, fragments: number): Gate {
  const says = `over queues, of ${fragments} fragments ${strayed} in another trace than their request, ${doubled} twice`;
  return { id: 'Q4', ok: fragments > 0 && strayed === 0 && doubled === 0, says };
}

function ofHead(n: number) {
  const { low, high } = binomial(HEAD, n, Z9999);
  return { low: low * n, high: high * n };
}

export function queueTable(rows: QueueRow[]): string {
  const lines = rows.map(({ fate, n, kept }) => {
    const shares = ROLES.map((role) => percent(kept[role] / n, 1));
    return `| ${WHERE[fate]} | ${n} | ${shares.join(' | ')} |`;
  });
  return [
    '| fails | n | the request kept | first consumer kept | last consumer kept |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

const total = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
