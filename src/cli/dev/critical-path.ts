// Owns two answers about a trace: which spans made the root take as long as it did, and what each span did by itself.
// Pure, iterative; every span is looked at a bounded number of times.
import type { ReceivedSpan } from '../../receiver/received-span.ts';

export interface Timing {
  /** Span ids. */
  critical: Set<string>;
  /** By span id, milliseconds in which no child ran. */
  selfMs: Map<string, number>;
}

interface Window {
  id: string;
  start: bigint;
  end: bigint;
}

/**
 * From the end of the root backwards: what ended last before the point reached so far held its parent up, and what it
 * overlapped with did not. A child counts only as long as its parent ran, so that work that goes on after the response
 * is not blamed for it.
 *
 * @param spans in order of start
 */
export function timingOf(spans: readonly ReceivedSpan[]): Timing {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const children = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const parent = span.parentSpanId;
    if (parent === undefined || parent === span.spanId || !byId.has(parent)) continue;
    const known = children.get(parent);
    if (known) known.push(span);
    else children.set(parent, [span]);
  }
  const root =
    spans.find((span) => span.parentSpanId === undefined) ?? spans.find((span) => !byId.has(span.parentSpanId!));
  return {
    critical: root === undefined ? new Set() : criticalPath(root, children),
    selfMs: new Map(spans.map((span) => [span.spanId, selfMs(span, children.get(span.spanId) ?? [])])),
  };
}

/** No circle can be reached from the root, whose parent is not here. */
function criticalPath(root: ReceivedSpan, children: Map<string, ReceivedSpan[]>): Set<string> {
  const critical = new Set<string>([root.spanId]);
  const stack: Window[] = [{ id: root.spanId, start: root.startTimeUnixNano, end: root.endTimeUnixNano }];
  for (let at = stack.pop(); at; at = stack.pop()) {
    let end = at.end;
    const { start } = at;
    const clipped = (children.get(at.id) ?? [])
      .map((span) => ({
        id: span.spanId,
        start: max(span.startTimeUnixNano, start),
        end: min(span.endTimeUnixNano, end),
      }))
      .filter((child) => child.start < child.end)
      .sort((a, b) => (a.end > b.end ? -1 : a.end < b.end ? 1 : 0));
    for (const child of clipped) {
      if (child.end > end) continue;
      critical.add(child.id);
      stack.push(child);
      end = child.start;
    }
  }
  return critical;
}

function selfMs(span: ReceivedSpan, children: ReceivedSpan[]): number {
  let covered = 0n;
  let reached = span.startTimeUnixNano;
  for (const child of children) {
    const start = max(child.startTimeUnixNano, reached);
    const end = min(child.endTimeUnixNano, span.endTimeUnixNano);
    if (end <= start) continue;
    covered += end - start;
    reached = end;
  }
  return Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano - covered) / 1e6);
}

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const min = (a: bigint, b: bigint) => (a < b ? a : b);
