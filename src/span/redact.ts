// Owns the one pass that a span goes through before it may leave the process (R31). It changes the ended span in place,
// which costs nothing when there is nothing to hide, and everything that a span carries is looked at exactly here.
import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { createSecretNames } from './redact-names.ts';
import { createTextRedactor } from './redact-text.ts';
import { createUrlRedactor, redacted } from './redact-url.ts';
import { maskSql } from './sql-mask.ts';

export interface RedactOptions {
  /** Further names of query parameters and attributes whose values are hidden. */
  keys?: readonly string[];
}

/** What an attribute's key says about its value. */
type Kind = 'safe' | 'secret' | 'url' | 'query' | 'path' | 'sql' | 'text';

/** Keys remembered; spans use the same few dozen, and a program that makes them up is not to fill the memory. */
const keyLimit = 1_000;
/** Maps and lists in a value deeper than this are replaced. */
const depthLimit = 8;

const urlKeys = /(?:^|[._])(?:url|uri|href|location|referer|referrer)$|^url\.(?:full|original)$|^http\.(?:url|target)$/;
const sqlKeys = /^db\.(?:query\.text|statement)$/;
/** Values that come from closed sets or from the network stack. */
const safeKeys =
  /^(?:http\.request\.method|http\.route|http\.response\.status_code|url\.scheme|(?:server|client|network)\..*|db\.(?:system|system\.name|namespace|operation\.name|collection\.name|query\.summary)|messaging\.(?:system|operation\..*|destination\.name)|rpc\.(?:system\.name|method)|cloud\.region|error\.type)$/;

/**
 * Makes the function that hides secrets in a span: it changes `span` itself and returns it. Should the span not let
 * itself be changed, or anything else go wrong, it returns a stand-in that carries times, ids and status code only, so
 * that a failure never lets a secret through. It never throws. Applying it twice changes nothing more.
 */
export function createSpanRedactor({ keys = [] }: RedactOptions = {}): (span: ReadableSpan) => ReadableSpan {
  const names = createSecretNames(keys);
  const text = createTextRedactor(names, keys);
  const urls = createUrlRedactor(names, text);
  const kinds = new Map<string, Kind>();

  function kindOf(key: string): Kind {
    const known = kinds.get(key);
    if (known !== undefined) return known;
    const kind = classify(key, names.key(key));
    if (kinds.size < keyLimit) kinds.set(key, kind);
    return kind;
  }

  function redactAttributes(attributes: Attributes, depth: number): void {
    for (const key in attributes) {
      const old = attributes[key];
      if (typeof old === 'number' && (kindOf(key) !== 'secret' || names.counts(key, String(old)))) continue;
      const value = redactValue(old, kindOf(key), attributes, depth);
      if (value !== old) attributes[key] = value;
    }
  }

  function redactValue(value: unknown, kind: Kind, siblings: Attributes, depth: number): unknown {
    if (kind === 'safe' || value === null || value === undefined || typeof value === 'boolean') return value;
    if (kind === 'secret') return Array.isArray(value) ? [redacted] : redacted;
    if (typeof value === 'string') return redactString(value, kind, siblings);
    if (typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
    if (depth >= depthLimit) return redacted;
    if (!Array.isArray(value)) {
      redactAttributes(value as Attributes, depth + 1);
      return value;
    }
    for (let i = 0; i < value.length; i += 1) {
      const entry: unknown = redactValue(value[i], kind, siblings, depth + 1);
      if (entry !== value[i]) value[i] = entry;
    }
    return value;
  }

  function redactString(value: string, kind: Kind, siblings: Attributes): string {
    if (kind === 'url') return urls.url(value);
    if (kind === 'query') return urls.query(value);
    if (kind === 'path') return urls.path(value);
    if (kind === 'sql') return maskSql(value, { mysql: /^(?:mysql|mariadb)/.test(systemOf(siblings)) });
    return text(value);
  }

  return (span) => {
    try {
      redactAttributes(span.attributes, 0);
      for (const event of span.events) {
        if (event.attributes !== undefined) redactAttributes(event.attributes, 0);
        setText(event, 'name', text);
      }
      for (const link of span.links) if (link.attributes !== undefined) redactAttributes(link.attributes, 0);
      if (span.status.message !== undefined) setText(span.status, 'message', text);
      setText(span, 'name', text);
      return span;
    } catch {
      return bare(span);
    }
  };
}

function classify(key: string, secret: boolean): Kind {
  if (secret || key === 'url.fragment') return 'secret';
  if (key === 'url.query') return 'query';
  if (key === 'url.path') return 'path';
  if (urlKeys.test(key)) return 'url';
  if (sqlKeys.test(key)) return 'sql';
  return safeKeys.test(key) ? 'safe' : 'text';
}

function systemOf(attributes: Attributes): string {
  return String(attributes['db.system.name'] ?? attributes['db.system'] ?? '');
}

function setText<Key extends string>(
  target: { readonly [key in Key]?: string },
  key: Key,
  redact: (text: string) => string,
) {
  const old = target[key] as string;
  const clean = redact(old);
  if (clean !== old) (target as { [key in Key]?: string })[key] = clean;
}

function bare(span: ReadableSpan): ReadableSpan {
  const own = (value: unknown) => ({ value, enumerable: true });
  return Object.create(span, {
    name: own(redacted),
    attributes: own({ 'keeptrace.redaction': 'failed' }),
    events: own([]),
    links: own([]),
    status: own({ code: span.status?.code ?? 0 }),
  }) as ReadableSpan;
}
