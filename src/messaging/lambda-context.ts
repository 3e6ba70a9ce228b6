// Owns the client context of a Lambda call, in whose `custom` part the instrumentation on the other side looks.
import { ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { headersOf } from './headers.ts';

/** What AWS takes, in base64. */
const longest = 3_583;

/** `given` with the context added; undefined where that cannot be read or gets too long. */
export function clientContext(given: unknown, span: SpanContext): string | undefined {
  if (given !== undefined && typeof given !== 'string') return undefined;
  const parsed = given ? parse(Buffer.from(given, 'base64').toString('utf8')) : {};
  if (!isTable(parsed)) return undefined;
  const { custom = {} } = parsed;
  if (!isTable(custom)) return undefined;
  const headers = Object.fromEntries(headersOf(trace.setSpanContext(ROOT_CONTEXT, span)));
  const filled = Buffer.from(JSON.stringify({ ...parsed, custom: { ...custom, ...headers } })).toString('base64');
  return filled.length <= longest ? filled : undefined;
}

/** What every Node that this runs on has, and the types do not yet. */
const { parse: parseWith, rawJSON } = JSON as unknown as {
  parse(text: string, revive: (key: string, value: unknown, at: { source: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/** Numbers stay as they are written: some have more digits than a number has here. */
function parse(text: string): unknown {
  // Bytes that are no text would not come out as they went in.
  if (text.includes('\ufffd')) return undefined;
  try {
    return parseWith(text, (_, value, { source }) => (typeof value === 'number' ? rawJSON(source) : value));
  } catch {
    return undefined;
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
