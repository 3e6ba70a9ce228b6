// Reads the question of `GET /api/traces?…` and answers it for one trace. Pure.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { TraceSummary } from './contract.ts';
import { valueText } from './json-values.ts';
import { serviceOf } from './span-facts.ts';
import type { HeldTrace } from './store.ts';
import { byStart } from './times.ts';

export interface TraceQuery {
  /** Returned at most. */
  limit: number;
  /** Attribute to tell for each trace. */
  column: string | undefined;
  matches(summary: TraceSummary, trace: HeldTrace): boolean;
}

/** A question that cannot be understood; the message says what may stand there. */
export class QueryError extends Error {}

type Condition = (summary: TraceSummary, trace: HeldTrace) => boolean;

const NAMES = ['service', 'error', 'slow', 'minMs', 'maxMs', 'attribute', 'text', 'kept', 'limit', 'column'];

/** A name given twice means both for attributes, either for services. An empty value means nothing. */
export function readQuery(parameters: URLSearchParams): TraceQuery {
  for (const name of parameters.keys()) {
    if (!NAMES.includes(name)) throw new QueryError(`there is no parameter ${name}; there are ${NAMES.join(', ')}`);
  }
  const all = (name: string) => parameters.getAll(name).filter((value) => value !== '');
  const one = (name: string) => all(name).at(-1);
  const conditions: Condition[] = [];

  const services = all('service');
  if (services.length > 0) conditions.push((summary) => services.some((name) => summary.services.includes(name)));
  const error = flag('error', one('error'));
  if (error !== undefined) conditions.push((summary) => summary.error === error);
  const slow = flag('slow', one('slow'));
  if (slow !== undefined) conditions.push((summary) => summary.slow === slow);
  const kept = flag('kept', one('kept'));
  if (kept !== undefined) conditions.push((summary) => summary.verdict.kept === kept);
  const minMs = number('minMs', one('minMs'));
  if (minMs !== undefined) conditions.push((summary) => summary.durationMs >= minMs);
  const maxMs = number('maxMs', one('maxMs'));
  if (maxMs !== undefined) conditions.push((summary) => summary.durationMs <= maxMs);
  for (const wanted of all('attribute')) conditions.push(attributeCondition(wanted));
  const text = one('text');
  if (text !== undefined) conditions.push(textCondition(text));

  return {
    limit: number('limit', one('limit')) ?? Number.POSITIVE_INFINITY,
    column: one('column'),
    matches: (summary, trace) => conditions.every((condition) => condition(summary, trace)),
  };
}

/** The attribute of the first span that has it, else of its resource. */
export function columnOf(trace: HeldTrace, key: string): string | undefined {
  for (const span of [...trace.spans.values()].sort(byStart)) {
    const value = own(span.attributes, key) ?? own(span.resource, key);
    if (value !== undefined) return valueText(value);
  }
  return undefined;
}

function attributeCondition(wanted: string): Condition {
  const at = wanted.indexOf('=');
  const key = at < 0 ? wanted : wanted.slice(0, at);
  const value = at < 0 ? undefined : wanted.slice(at + 1);
  const fits = (found: unknown): boolean => {
    if (found === undefined) return false;
    if (value === undefined || valueText(found) === value) return true;
    return Array.isArray(found) && found.some((item) => valueText(item) === value);
  };
  return (_, trace) => some(trace, (span) => fits(own(span.attributes, key)) || fits(own(span.resource, key)));
}

/** In whatever a reader could see: names, services, messages, attributes, events, the beginning of the id. */
function textCondition(text: string): Condition {
  const pattern = new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i');
  const has = (value: unknown) => pattern.test(typeof value === 'string' ? value : (valueText(value) ?? ''));
  // The same few keys are on every span.
  const keys = new Map<string, boolean>();
  const isKey = (key: string) => {
    const known = keys.get(key) ?? pattern.test(key);
    if (keys.size < MAX_KEYS) keys.set(key, known);
    return known;
  };
  const inBag = (bag: Record<string, unknown>) => {
    for (const key in bag) if (isKey(key) || has(bag[key])) return true;
    return false;
  };
  const inSpan = (span: ReceivedSpan) =>
    has(span.name) ||
    has(serviceOf(span)) ||
    has(span.status.message) ||
    inBag(span.attributes) ||
    span.events.some((event) => has(event.name) || inBag(event.attributes));
  return ({ traceId }, trace) => traceId.startsWith(text.toLowerCase()) || some(trace, inSpan);
}

const MAX_KEYS = 10_000;

function some(trace: HeldTrace, condition: (span: ReceivedSpan) => boolean): boolean {
  for (const span of trace.spans.values()) if (condition(span)) return true;
  return false;
}

const own = (bag: Record<string, unknown>, key: string) => (Object.hasOwn(bag, key) ? bag[key] : undefined);

function flag(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw new QueryError(`${name} is 1 or 0, not ${value}`);
}

function number(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (!Number.isFinite(parsed) || parsed < 0) throw new QueryError(`${name} is a number from 0 on, not ${value}`);
  return parsed;
}
