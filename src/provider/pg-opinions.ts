// Owns how instrumentation-pg is configured and what its spans are called: operation and table, never a literal (R20).
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { PgInstrumentationConfig } from '@opentelemetry/instrumentation-pg';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Settings } from '../config/settings.ts';
import { maskSql } from '../span/sql-mask.ts';
import { type SqlSummary, summarizeSql } from '../span/sql-summary.ts';
import { removeAttribute } from './span-attributes.ts';

export type PgSettings = Pick<Settings, 'backgroundSpans' | 'production'>;

export function pgOpinions(settings: PgSettings): PgInstrumentationConfig {
  const describe = createDescriber(!settings.production);
  return {
    requireParentSpan: !settings.backgroundSpans,
    // Not ignored here but at the export gate, see isConnectNoise: with this switch on, the instrumentation no longer
    // binds the pool's callback either, and a query that waited for a connection lands in the trace of whoever freed it.
    ignoreConnectSpans: false,
    enhancedDatabaseReporting: false,
    requestHook(span, { query }) {
      if (span.isRecording()) describeQuery(span, describe(query.text));
    },
  };
}

/** Connecting is worth a span only when it fails, which is when no query span comes after it. */
export function isConnectNoise(span: ReadableSpan): boolean {
  return (
    (span.name === 'pg-pool.connect' || span.name === 'pg.connect') &&
    span.instrumentationScope.name === '@opentelemetry/instrumentation-pg' &&
    span.status.code !== SpanStatusCode.ERROR
  );
}

interface QueryDescription extends SqlSummary {
  /** Masked statement; undefined where the text is not to be recorded. */
  text: string | undefined;
}

function describeQuery(span: Span, { summary, operation, collections, text }: QueryDescription): void {
  span.updateName(summary ?? 'postgresql');
  if (text === undefined) removeAttribute(span, 'db.query.text');
  else span.setAttribute('db.query.text', text);
  if (summary !== undefined) span.setAttribute('db.query.summary', summary);
  if (operation !== undefined) span.setAttribute('db.operation.name', operation);
  const [collection] = collections;
  if (collection !== undefined && collections.length === 1) span.setAttribute('db.collection.name', collection);
}

/** Statements remembered, and the characters up to which one is worth remembering: about 1 MB at the very most. */
const cacheSize = 500;
const cacheableLength = 2_000;

/** An app sends the same few hundred statements over and over, so each is parsed once. Oldest out when full. */
function createDescriber(withText: boolean): (sql: string) => QueryDescription {
  const cache = new Map<string, QueryDescription>();
  return (sql) => {
    const cached = cache.get(sql);
    if (cached !== undefined) return cached;
    const description = { ...summarizeSql(sql), text: withText ? maskSql(sql) : undefined };
    if (sql.length <= cacheableLength) {
      if (cache.size >= cacheSize) cache.delete(cache.keys().next().value as string);
      cache.set(sql, description);
    }
    return description;
  };
}
