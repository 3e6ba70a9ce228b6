// Owns the moment before the headers of a response leave: the one place that setHeader, writeHead, flushHeaders, the
// first write, a pipe and every framework go through is `writeHead` of the prototype.
import { ServerResponse } from 'node:http';

export interface HeadHooks {
  /** Gets the status that is about to be sent; gives a Server-Timing entry to add, or undefined. */
  before(response: ServerResponse, status: number): string | undefined;
  /** The head is made, and can be read whichever way the app gave it. */
  after(response: ServerResponse): void;
}

type WriteHead = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

const name = 'Server-Timing';
let current: HeadHooks | undefined;
let patched: WriteHead | undefined;
let unpatched: WriteHead | undefined;

/** One patch of the prototype for the process costs less than an override on every response. The last hooks count. */
export function hookWriteHead(hooks: HeadHooks): void {
  current = hooks;
  const prototype = ServerResponse.prototype as unknown as { writeHead: WriteHead };
  if (patched !== undefined) return;
  const original = prototype.writeHead;
  unpatched = original;
  patched = function writeHead(...args) {
    const result = original.apply(this, prepare(this, args));
    try {
      current?.after(this);
    } catch {
      // The head is made; what goes wrong here is nothing to the app.
    }
    return result;
  };
  prototype.writeHead = patched;
}

/** Unless somebody has wrapped it since. */
export function unhookWriteHead(): void {
  current = undefined;
  const prototype = ServerResponse.prototype as unknown as { writeHead: WriteHead };
  if (unpatched === undefined || prototype.writeHead !== patched) return;
  prototype.writeHead = unpatched;
  patched = undefined;
}

/** Whatever goes wrong here, the app's own arguments go through as they came, and its own mistakes stay its own. */
function prepare(response: ServerResponse, args: unknown[]): unknown[] {
  try {
    if (response.headersSent) return args;
    const entry = current?.before(response, Number(args[0]) | 0);
    return entry === undefined ? args : addEntry(response, args, entry);
  } catch {
    return args;
  }
}

/**
 * Headers given to `writeHead` replace those of the same name that were set before, so the entry goes where the app's
 * own Server-Timing is. The app's object is copied, because it may well be a constant.
 */
function addEntry(response: ServerResponse, args: unknown[], entry: string): unknown[] {
  const at = typeof args[1] === 'string' || (args[2] !== undefined && args[2] !== null) ? 2 : 1;
  const given = args[at];
  // Node refuses it, and is to quote it as it was.
  if (Array.isArray(given) && given.length % 2 === 1 && !Array.isArray(given[0])) return args;
  if (typeof given === 'object' && given !== null) {
    const extended = Array.isArray(given) ? extendList(given, entry) : extendObject(given, entry);
    if (extended.found || !response.hasHeader(name)) {
      const copy = [...args];
      copy[at] = extended.headers;
      return copy;
    }
  }
  // It is there already when an earlier attempt of the app's failed for a reason of its own.
  if (![response.getHeader(name)].flat().includes(entry)) response.appendHeader(name, entry);
  return args;
}

interface Extended {
  headers: unknown;
  /** Whether the app had a Server-Timing in there. */
  found: boolean;
}

function extendObject(given: object, entry: string): Extended {
  const headers: Record<string, unknown> = { ...given };
  const own = Object.keys(headers).find(isServerTiming);
  const value = own === undefined ? undefined : headers[own];
  if (own === undefined) headers[name] = entry;
  else if (Array.isArray(value)) headers[own] = [...value, entry];
  else if (typeof value === 'string') headers[own] = `${value}, ${entry}`;
  return { headers, found: own !== undefined };
}

/** Either `[name, value, name, value]` or `[[name, value], [name, value]]`; a name may repeat. */
function extendList(given: unknown[], entry: string): Extended {
  const nested = Array.isArray(given[0]);
  const found = given.some((item, i) =>
    nested ? isServerTiming((item as unknown[])?.[0]) : i % 2 === 0 && isServerTiming(item),
  );
  return { headers: nested ? [...given, [name, entry]] : [...given, name, entry], found };
}

function isServerTiming(text: unknown): boolean {
  return typeof text === 'string' && text.length === name.length && text.toLowerCase() === 'server-timing';
}
