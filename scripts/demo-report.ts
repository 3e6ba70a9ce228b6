// Reads the received spans: which traces are whole, which three to show, and the numbers below them. Pure.
import type { ReceivedSpan } from '../src/receiver/received-span.ts';
import { spanTree } from '../src/testing/span-tree.ts';
import { durationMs } from '../src/testing/tree-notes.ts';
import type { TrafficCount } from './demo-traffic.ts';

const SLOW_MS = 1000;

interface Trace {
  spans: ReceivedSpan[];
  root: ReceivedSpan;
  ms: number;
  failed: boolean;
}

export interface Story {
  whole: Trace[];
  traces: number;
  normal: Trace;
  failed: Trace;
  slow: Trace;
}

/** Throws with the reason when the traces are not what the traffic must have left behind. */
export function readStory(spans: ReceivedSpan[], traffic: TrafficCount): Story {
  const traces = [...grouped(spans, (span) => span.traceId).values()];
  const whole = traces.map(asTrace).filter((trace) => trace !== undefined);
  if (whole.length !== traffic.orders) {
    const broken = traces.filter((trace) => trace.some(isOrder) && !asTrace(trace));
    throw new Error(
      `${traffic.orders} orders were placed, but ${whole.length} traces span shop-api, payments and Postgres; ` +
        `${spans.length} spans in ${traces.length} traces arrived. Of ${broken.length} broken ones the first:\n\n` +
        spanTree(broken.slice(0, 3).flat(), { maxChildren: 10 }),
    );
  }
  const quick = whole.filter((trace) => !trace.failed && trace.ms < SLOW_MS).sort((a, b) => a.ms - b.ms);
  const normal = quick[Math.floor(quick.length / 2)];
  const failed = whole.find((trace) => trace.failed);
  const slow = whole.filter((trace) => !trace.failed && trace.ms >= SLOW_MS).sort((a, b) => b.ms - a.ms)[0];
  if (!normal || !failed || !slow) {
    const missing = Object.entries({ normal, failed, slow }).flatMap(([kind, trace]) => (trace ? [] : [kind]));
    throw new Error(`no ${missing.join(' and no ')} trace among the ${whole.length} orders`);
  }
  return { whole, traces: traces.length, normal, failed, slow };
}

/** What the shop does for an order, no more and no less: a query too many belongs to someone else's order. */
const ORDER_QUERIES = ['INSERT orders', 'UPDATE orders'];

/** A trace counts when one order can be followed from the shop through the payment and into the database. */
function asTrace(spans: ReceivedSpan[]): Trace | undefined {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const root = spans.find((span) => span.parentSpanId === undefined && isServer(span, 'shop-api'));
  const payment = spans.find((span) => isServer(span, 'payments'));
  const queries = spans.filter((span) => isQuery(span) && serviceOf(span) === 'shop-api');
  if (!root || !payment) return undefined;
  if (
    queries
      .map(({ name }) => name)
      .sort()
      .join() !== ORDER_QUERIES.join()
  )
    return undefined;
  const joined = [payment, ...queries].every((span) => rootOf(span, byId) === root);
  return joined ? { spans, root, ms: durationMs(root), failed: root.status.code === 'error' } : undefined;
}

function rootOf(span: ReceivedSpan, byId: Map<string, ReceivedSpan>): ReceivedSpan | undefined {
  let at: ReceivedSpan | undefined = span;
  for (let steps = 0; at?.parentSpanId !== undefined && steps < byId.size; steps++) at = byId.get(at.parentSpanId);
  return at;
}

const serviceOf = (span: ReceivedSpan) => String(span.resource['service.name']);
const isQuery = (span: ReceivedSpan) => span.attributes['db.system.name'] === 'postgresql';
const isOrder = (span: ReceivedSpan) => isServer(span, 'payments') || span.name === 'POST /orders';
const isServer = (span: ReceivedSpan, service: string) => span.kind === 'server' && serviceOf(span) === service;

export function storyText(story: Story, colour: boolean): string {
  const tree = (title: string, trace: Trace) =>
    `${title}\n\n${indent(spanTree(trace.spans, { colour, slowMs: SLOW_MS }))}`;
  return [
    tree('A normal order', story.normal),
    tree('A failed order', story.failed),
    tree('A slow order', story.slow),
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
      `all ${number(story.whole.length)} orders are whole: shop-api, payments and Postgres in one trace`,
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
