// Sorts exported spans into fragments by their parents alone, and tells which handling of which request each one is by
// the two attributes that the app itself put on its server span.
import type { ReceivedSpan } from '../../src/receiver/server.ts';

export interface Fragment {
  requestId: string;
  hop: string;
  service: string;
  server: ReceivedSpan;
  spans: ReceivedSpan[];
  /** Whether the caller's span that this fragment hangs on was exported, too. True for the entry. */
  attached: boolean;
}

export interface Sorted {
  /** Key: request id, a blank, hop. */
  fragments: Map<string, Fragment>;
  /** The same span twice. */
  duplicates: number;
  /** Spans whose parent in the same process was not exported. */
  orphans: number;
}

export function sortSpans(spans: readonly ReceivedSpan[]): Sorted {
  const byId = new Map<string, ReceivedSpan>();
  let duplicates = 0;
  for (const span of spans) {
    const id = `${span.traceId} ${span.spanId}`;
    if (byId.has(id)) duplicates++;
    byId.set(id, span);
  }
  const parentOf = (span: ReceivedSpan) => byId.get(`${span.traceId} ${span.parentSpanId}`);
  const rootOf = (span: ReceivedSpan): ReceivedSpan | undefined => {
    let at: ReceivedSpan | undefined = span;
    while (at !== undefined && at.kind !== 'server') at = parentOf(at);
    return at;
  };

  const fragments = new Map<string, Fragment>();
  const byRoot = new Map<ReceivedSpan, Fragment>();
  let orphans = 0;
  for (const span of byId.values()) {
    const requestId = span.attributes['app.request.id'];
    if (span.kind !== 'server' || typeof requestId !== 'string') continue;
    const fragment: Fragment = {
      requestId,
      hop: String(span.attributes['app.hop']),
      service: String(span.resource['service.name']),
      server: span,
      spans: [],
      attached: span.parentSpanId === undefined || parentOf(span) !== undefined,
    };
    byRoot.set(span, fragment);
    fragments.set(`${requestId} ${fragment.hop}`, fragment);
  }
  for (const span of byId.values()) {
    const root = rootOf(span);
    if (root === undefined) orphans++;
    else byRoot.get(root)?.spans.push(span);
  }
  return { fragments, duplicates, orphans };
}

/**
 * How many requests an exported span stands for: 2⁵⁶/(2⁵⁶−T) for `ot=th:T` (OTEP 235), 0 without, for such a span was
 * kept on another process's word and that process counts it.
 */
export function weightOf({ traceState }: Pick<ReceivedSpan, 'traceState'>): number {
  const threshold = /(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?:[;,]|$)/.exec(traceState)?.[1];
  if (threshold === undefined) return 0;
  return 1 / (1 - Number.parseInt(threshold.padEnd(14, '0'), 16) / 2 ** 56);
}

/** Kept for another cause than the head decision. */
export function isForced(span: ReceivedSpan): boolean {
  const reason = span.attributes['keeptrace.reason'];
  return (reason !== undefined && reason !== 'head') || span.attributes['sampling.priority'] === 1;
}
