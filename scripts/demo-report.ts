// Reads the received spans: which traces are whole orders, which four to show, and the numbers below them. Pure.
import type { ReceivedSpan } from '../src/receiver/received-span.ts';
import { spanTree } from '../src/testing/span-tree.ts';
import { asOrder, isOrder, type Order, serviceOf } from './demo-order.ts';
import type { TrafficCount } from './demo-traffic.ts';

export const SLOW_MS = 1000;

export interface Story {
  whole: Order[];
  traces: number;
  normal: Order;
  failed: Order;
  slow: Order;
  dead: Order;
}

/** Throws with the reason when the traces are not what the traffic must have left behind. */
export function readStory(spans: ReceivedSpan[], traffic: TrafficCount): Story {
  const traces = [...grouped(spans, (span) => span.traceId).values()];
  const whole = traces.map(asOrder).filter((order) => order !== undefined);
  if (whole.length !== traffic.orders) {
    const broken = traces.filter((trace) => trace.some(isOrder) && !asOrder(trace));
    throw new Error(
      `${traffic.orders} orders were placed, but ${whole.length} traces go from the request to the last write; ` +
        `${spans.length} spans in ${traces.length} traces arrived. Of ${broken.length} broken ones the first:\n\n` +
        spanTree(broken.slice(0, 3).flat(), { maxChildren: 10 }),
    );
  }
  const alive = whole.filter((order) => !order.failed && !order.dead);
  const quick = alive.filter(({ ms }) => ms < SLOW_MS).sort((a, b) => a.ms - b.ms);
  const normal = quick[Math.floor(quick.length / 2)];
  const failed = whole.find((order) => order.failed);
  const slow = alive.filter(({ ms }) => ms >= SLOW_MS).sort((a, b) => b.ms - a.ms)[0];
  const dead = whole.find((order) => order.dead);
  if (!normal || !failed || !slow || !dead) {
    const missing = Object.entries({ normal, failed, slow, dead }).flatMap(([kind, order]) => (order ? [] : [kind]));
    throw new Error(`no ${missing.join(' and no ')} trace among the ${whole.length} orders`);
  }
  return { whole, traces: traces.length, normal, failed, slow, dead };
}

/** What tells the story of a message that died. */
const ATTEMPTS = [
  'job.attempt',
  'job.outcome',
  'job.failure_count',
  'job.failed_dependency',
  'messaging.dead_letter.source',
];

export function storyText(story: Story, colour: boolean): string {
  const tree = (title: string, order: Order, attributes: string[] = []) =>
    `${title}\n\n${indent(spanTree(order.spans, { colour, slowMs: SLOW_MS, attributes }))}`;
  return [
    tree('A normal order', story.normal),
    tree('A failed order', story.failed),
    tree('A slow order', story.slow),
    tree('An order with a receipt that nobody can file', story.dead, ATTEMPTS),
  ].join('\n\n');
}

export function summaryText(story: Story, spans: ReceivedSpan[], traffic: TrafficCount): string {
  const number = (n: number) => n.toLocaleString('en-US');
  const services = [...grouped(spans, serviceOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = services.map(([name, own]) => {
    const errors = own.filter((span) => span.status.code === 'error').length;
    return `${name.padEnd(10)} ${number(own.length).padStart(6)} spans${errors ? `, ${number(errors)} with errors` : ''}`;
  });
  return [
    `${number(traffic.requests)} requests in ${(traffic.ms / 1000).toFixed(1)} s: ` +
      `${number(traffic.orders)} orders, ${number(traffic.failed)} failed, ${number(traffic.slow)} slower than 1 s`,
    `${number(story.traces)} traces, ${number(spans.length)} spans received; ` +
      `all ${number(story.whole.length)} orders are whole: from the request through the queues to the last write in one trace`,
    ...rows.map((row) => `  ${row}`),
  ].join('\n');
}

function grouped(spans: ReceivedSpan[], keyOf: (span: ReceivedSpan) => string): Map<string, ReceivedSpan[]> {
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const key = keyOf(span);
    const group = groups.get(key);
    if (group) group.push(span);
    else groups.set(key, [span]);
  }
  return groups;
}

const indent = (text: string) => text.replaceAll(/^(?=.)/gm, '  ');
