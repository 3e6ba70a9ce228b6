// Owns the one word that travels against the calls: "this trace is kept", as a Server-Timing entry of an HTTP response
// (W3C Trace Context editor's draft since 2025-10-20, section "Trace context response"). Pure, bounded, never throws.
import type { SpanContext } from '@opentelemetry/api';

/** Characters of all header values of one response together that are looked at. */
const limit = 8_192;

/** `trace;desc=00-<trace id>-<span id>-01`, where `context` is that of the span which answers. */
export function formatServerTiming(context: Pick<SpanContext, 'traceId' | 'spanId'>): string {
  return `trace;desc=00-${context.traceId}-${context.spanId}-01`;
}

/**
 * True when one of the entries says that the trace `traceId` is kept. What names another trace, or has the sampled flag
 * off, or cannot be read, says nothing. Whoever calls has made sure that the sender may be listened to.
 */
export function readServerTiming(value: string | readonly string[] | undefined, traceId: string): boolean {
  if (value === undefined) return false;
  if (typeof value === 'string') return hasKeep(value.slice(0, limit), traceId);
  let left = limit;
  for (const text of value) {
    if (left <= 0) return false;
    if (typeof text !== 'string') continue;
    if (hasKeep(text.slice(0, left), traceId)) return true;
    left -= text.length;
  }
  return false;
}

function hasKeep(text: string, traceId: string): boolean {
  // A native search refuses nearly everything; only a text that holds the right id is read entry by entry.
  if (!text.includes(traceId)) return false;
  const reader = { text, at: 0 };
  while (reader.at < text.length) if (readEntry(reader, traceId)) return true;
  return false;
}

interface Reader {
  text: string;
  at: number;
}

/** `name *( ; name [ = ( token | quoted string ) ] )`, up to and with the comma that ends it. */
function readEntry(reader: Reader, traceId: string): boolean {
  const { text } = reader;
  const isTrace = readToken(reader) === 'trace';
  let desc: string | undefined;
  while (text[reader.at] === ';') {
    reader.at += 1;
    const name = readToken(reader).toLowerCase();
    if (text[reader.at] !== '=') continue;
    reader.at += 1;
    const parameter = readValue(reader);
    // The first of several counts, says the Server-Timing specification.
    if (name === 'desc') desc ??= parameter;
  }
  reader.at += 1;
  return isTrace && desc !== undefined && saysKept(desc, traceId);
}

function readToken(reader: Reader): string {
  const { text } = reader;
  const start = reader.at;
  while (reader.at < text.length && !isDelimiter(text.charCodeAt(reader.at))) reader.at += 1;
  return text.slice(start, reader.at).trim();
}

function readValue(reader: Reader): string {
  const { text } = reader;
  while (text[reader.at] === ' ' || text[reader.at] === '\t') reader.at += 1;
  if (text[reader.at] !== '"') return readToken(reader);
  const start = reader.at + 1;
  let end = start;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  reader.at = end + 1;
  // What follows the closing quote belongs to nothing.
  readToken(reader);
  return text.slice(start, end);
}

/** `,` `;` `=` */
function isDelimiter(code: number): boolean {
  return code === 44 || code === 59 || code === 61;
}

/** The form of a `traceparent`; of a later version the part that is known counts. */
function saysKept(value: string, traceId: string): boolean {
  const [version = '', trace, span = '', flags = '', ...rest] = value.split('-', 6);
  if (trace !== traceId || version === 'ff' || !hex(version, 2) || !hex(span, 16) || !hex(flags, 2)) return false;
  if (version === '00' && rest.length > 0) return false;
  return span !== '0000000000000000' && (Number.parseInt(flags, 16) & 1) === 1;
}

function hex(text: string, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}
