// When the spans of a trace are one order: placed, charged, and followed to the last write that it caused. Pure.
import type { ReceivedSpan } from '../src/receiver/received-span.ts';
import { durationMs } from '../src/testing/tree-notes.ts';

export interface Order {
  spans: ReceivedSpan[];
  root: ReceivedSpan;
  /** How long the customer waited. */
  ms: number;
  failed: boolean;
  /** A message of it went to the dead-letter queue. */
  dead: boolean;
}

/** What is done in the database, no more and no less: a query too many belongs to someone else's order. */
const PLACED = ['INSERT orders', 'UPDATE orders'];
const FOLLOWED = ['INSERT notices', 'INSERT receipts', 'INSERT shipments'];

/** Undefined unless the trace is one tree, from the request down to each write. */
export function asOrder(spans: ReceivedSpan[]): Order | undefined {
  const root = spans.find((span) => span.parentSpanId === undefined && isServer(span, 'shop-api'));
  if (!root || !spans.some((span) => isServer(span, 'payments'))) return undefined;
  const failed = root.status.code === 'error';
  if (!sameNames(queriesOf(spans, 'shop-api'), PLACED)) return undefined;
  if (!sameNames(queriesOf(spans, 'worker'), failed ? [] : FOLLOWED)) return undefined;
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  if (!spans.every((span) => topOf(span, byId) === root)) return undefined;
  const dead = spans.some((span) => span.attributes['messaging.dead_letter.source'] !== undefined);
  return { spans, root, ms: durationMs(root), failed, dead };
}

/** Whether the trace has to do with an order at all. */
export const isOrder = (span: ReceivedSpan) => isServer(span, 'payments') || span.name === 'POST /orders';

export const serviceOf = (span: ReceivedSpan) => String(span.resource['service.name']);
const isServer = (span: ReceivedSpan, service: string) => span.kind === 'server' && serviceOf(span) === service;

function queriesOf(spans: ReceivedSpan[], service: string): string[] {
  const queries = spans.filter((span) => span.attributes['db.system.name'] === 'postgresql');
  return queries.filter((span) => serviceOf(span) === service).map(({ name }) => name);
}

const sameNames = (names: string[], wanted: string[]) => names.sort().join() === wanted.join();

function topOf(span: ReceivedSpan, byId: Map<string, ReceivedSpan>): ReceivedSpan | undefined {
  let at: ReceivedSpan | undefined = span;
  for (let steps = 0; at?.parentSpanId !== undefined && steps < byId.size; steps++) at = byId.get(at.parentSpanId);
  return at;
}
