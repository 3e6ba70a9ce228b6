// The words behind a span in the tree: what it talked to, what went wrong, what it links to. Pure.
import type { TestSpan } from './test-span.ts';

const SYSTEM_KEYS = ['db.system.name', 'db.system', 'messaging.system', 'rpc.system.name', 'rpc.system'];

/** Spans come from outside: control characters would reach the terminal as commands, so they are shown as escapes. */
export function printable(text: string, maxLength: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escaped);
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line;
}

const SHORT: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
const escaped = (char: string) => SHORT[char] ?? `\\u${char.codePointAt(0)!.toString(16).padStart(4, '0')}`;

/** The database or queue behind an outgoing span. */
export function systemOf(span: TestSpan): string | undefined {
  if (span.kind === 'server' || span.kind === 'internal') return undefined;
  const key = SYSTEM_KEYS.find((key) => typeof span.attributes[key] === 'string');
  return key === undefined ? undefined : String(span.attributes[key]);
}

/** The best words there are for what went wrong; undefined when nothing did. */
export function errorOf(span: TestSpan): string | undefined {
  if (span.status.code !== 'error') return undefined;
  const exception = span.events.find((event) => event.name === 'exception')?.attributes;
  const status = span.attributes['http.response.status_code'];
  const words = [
    span.status.message,
    exception?.['exception.message'],
    exception?.['exception.type'],
    status === undefined ? undefined : `HTTP ${status}`,
    span.attributes['error.type'],
  ];
  return String(words.find((word) => word !== undefined && word !== '') ?? 'error');
}

/** Names of linked spans that are among `names`, and a count of the others. */
export function linksOf(span: TestSpan, names: Map<string, string>): string[] {
  const known = span.links.map((link) => names.get(link.traceId + link.spanId)).filter((name) => name !== undefined);
  const others = span.links.length - known.length;
  const notes = known.map((name) => `↪ ${name}`);
  if (others > 0) notes.push(`↪ ${others} ${others === 1 ? 'span' : 'spans'} elsewhere`);
  return notes;
}

export function valueText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner === 'bigint') return String(inner);
    return inner instanceof Uint8Array ? `<${inner.length} bytes>` : inner;
  });
}

/** `0.4 ms`, `8.2 ms`, `212 ms`, `1.20 s`. */
export function durationText(span: TestSpan): string {
  const ms = durationMs(span);
  if (Math.abs(ms) < 9.95) return `${ms.toFixed(1)} ms`;
  return Math.abs(ms) < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export const durationMs = (span: TestSpan): number => Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1_000_000;
