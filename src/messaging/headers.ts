// Owns putting trace context into a carrier and taking it out, for any broker. Neither ever throws.
import { type Context, context, defaultTextMapSetter, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Carrier } from './carriers.ts';
import { sendOptions } from './send-defaults.ts';

/** `true` sends all baggage, a list the entries of these names only. */
export type BaggageChoice = boolean | readonly string[];

export interface InjectOptions {
  /** Default: the active one. */
  context?: Context | undefined;
  /**
   * Default: what the setting `messageBaggage` lets go anywhere, which is none unless set, because a queue keeps what is in it,
   * and whoever reads the queue reads that.
   */
  baggage?: BaggageChoice | undefined;
}

/**
 * The headers of a context, the most important first: `traceparent`, `tracestate`, those of other formats, `baggage`.
 * Values that are empty or illegal are not among them.
 */
export function headersOf(from: Context, baggage: BaggageChoice = false): [string, string][] {
  const found: Record<string, string> = {};
  propagation.inject(withBaggage(from, baggage), found, defaultTextMapSetter);
  const headers: [string, string][] = [];
  for (const entry of Object.entries(found)) if (typeof entry[1] === 'string' && entry[1] !== '') headers.push(entry);
  return headers.sort(([a], [b]) => rank(a) - rank(b));
}

function rank(key: string): number {
  if (key === 'traceparent') return 0;
  if (key === 'tracestate') return 1;
  return key === 'baggage' ? 3 : 2;
}

/** How many of these, the first, say nothing of the trace unless they are there together: B3 can be spread over four. */
export function leading(headers: readonly (readonly [string, string])[]): number {
  const spread = headers.filter(([name]) => name.startsWith('x-b3-')).length;
  return headers[0]?.[0].startsWith('x-b3-') ? spread : 1;
}

function withBaggage(from: Context, choice: BaggageChoice): Context {
  if (choice === true) return from;
  const baggage = propagation.getBaggage(from);
  if (baggage === undefined) return from;
  const entries = choice === false ? [] : baggage.getAllEntries().filter(([name]) => choice.includes(name));
  if (entries.length === 0) return propagation.deleteBaggage(from);
  return propagation.setBaggage(from, propagation.createBaggage(Object.fromEntries(entries)));
}

/** Keys that a context of another message has left behind. Baggage that is there was put there by the app, and stays. */
export function staleKeys(): string[] {
  return propagation.fields().filter((key) => key !== 'baggage');
}

/**
 * Writes the trace context into the headers of a message that is about to be sent, in place, and hands them back:
 * `injectHeaders(carriers.kafka, message.headers)`. Context left from another message is replaced. Where a broker takes
 * a limited number of entries, the least important are left out. With tracing off nothing is touched. Never throws.
 */
export function injectHeaders<C, T extends C = C>(carrier: Carrier<C>, into: T, options: InjectOptions = {}): T {
  try {
    const headers = headersOf(options.context ?? context.active(), sendOptions(options).baggage);
    if (headers.length === 0) return into;
    for (const key of staleKeys()) carrier.delete?.(into, key);
    const first = leading(headers);
    if (first > 1 && (carrier.room?.(into) ?? first) < first) return into;
    for (const [index, [key, value]] of headers.entries()) {
      const known = carrier.keys(into).some((name) => name.toLowerCase() === key);
      if (!known && (carrier.room?.(into) ?? 1) <= 0) break;
      carrier.set(into, key, value);
      if (index === 0) rememberCreated(into, key);
    }
  } catch {
    // A frozen or hostile object: the message matters more than its context.
  }
  return into;
}

/**
 * The context a message came with, to start its span from; ROOT_CONTEXT when it has none that is valid. What is active
 * where this is called plays no part. Never throws.
 */
export function extractHeaders<C>(carrier: Carrier<C>, from: C | undefined): Context {
  try {
    const found = propagation.extract(ROOT_CONTEXT, from, {
      keys: (c) => carrier.keys(c),
      get: (c, key) => carrier.get(c, key),
    });
    const valid = trace.getSpanContext(found) !== undefined || propagation.getBaggage(found) !== undefined;
    return valid ? found : ROOT_CONTEXT;
  } catch {
    return ROOT_CONTEXT;
  }
}

/** A global symbol, because an app can hold two copies of this module: one from `import` and one from `require`. */
const key = Symbol.for('keeptrace.created-context');
const holder = globalThis as { [key]?: WeakSet<object> };

/** Also the attribute itself, which `{ ...headers, more }` takes along. */
function rememberCreated(headers: unknown, name: string): void {
  if (!isObject(headers)) return;
  holder[key] ??= new WeakSet();
  holder[key].add(headers);
  const attribute = headers[name];
  if (isObject(attribute)) holder[key].add(attribute);
}

/** Whether the app itself gave these headers a context, which sending then leaves alone, as the conventions ask for. */
export function hasCreatedContext(headers: unknown): boolean {
  const created = holder[key];
  if (created === undefined || !isObject(headers)) return false;
  const has = (one: unknown) => isObject(one) && created.has(one);
  return has(headers) || staleKeys().some((name) => has(headers[name]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
