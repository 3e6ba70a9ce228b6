// Prints spans as the tree a reader has in mind: one line a span, children under their parent in order of start.
import type { TestSpan } from './test-span.ts';
import { durationMs, durationText, errorOf, linksOf, printable, systemOf, valueText } from './tree-notes.ts';
import { type OmittedRow, type TreeRow, treeRows } from './tree-rows.ts';

export interface SpanTreeOptions {
  /** Print how long each span took. Default true; switch off for a text that is the same in every run. */
  durations?: boolean;
  /** Print the service of each span. Default true. */
  services?: boolean;
  /** Print the kind before the name: `server GET /orders`. Default false. */
  kinds?: boolean;
  /** Attributes to print as `key=value` on the spans that have them. Default none. */
  attributes?: readonly string[];
  /** Mark spans that took at least this many milliseconds with `◷`. Default: no mark. */
  slowMs?: number;
  /** Children printed per span; the rest becomes one line `… 480 more`. Default: all. */
  maxChildren?: number;
  /** ANSI colours. Default false. */
  colour?: boolean;
}

/** Alignment stops here: one deep branch should not push the columns of all others away. */
const MAX_NAME_COLUMN = 64;
const MAX_NAME = 100;
const MAX_NOTE = 160;

/**
 * The traces in `spans` as text, in order of their first span, an empty line between two of them.
 *
 * ```
 * POST /orders         shop-api   212 ms
 * ├─ INSERT orders     shop-api    11 ms   postgresql
 * └─ POST              shop-api   120 ms
 *    └─ POST /charge   payments   118 ms   ✕ card declined
 * ```
 *
 * `✕` error with the best message found, `◷` slow, `↪` link, `?` something missing, doubled or not ended.
 */
export function spanTree(spans: readonly TestSpan[], options: SpanTreeOptions = {}): string {
  const names = new Map(spans.map((span) => [span.traceId + span.spanId, printable(span.name, MAX_NAME)]));
  const traces = new Map<string, TestSpan[]>();
  for (const span of spans) {
    const trace = traces.get(span.traceId);
    if (trace) trace.push(span);
    else traces.set(span.traceId, [span]);
  }
  return [...traces.values()]
    .map((trace) => ({ trace, start: trace.reduce(earliest, trace[0]!.startTimeUnixNano) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    .map(({ trace }) => traceText(trace, names, options))
    .join('\n\n');
}

function traceText(trace: TestSpan[], names: Map<string, string>, options: SpanTreeOptions): string {
  const lines = treeRows(trace, options.maxChildren ?? Number.POSITIVE_INFINITY).map((row) =>
    cells(row, names, options),
  );
  const width = (pick: (line: Line) => string) =>
    Math.min(
      MAX_NAME_COLUMN,
      lines.reduce((widest, line) => Math.max(widest, length(pick(line))), 0),
    );
  const nameWidth = width((line) => line.branch + line.name);
  const serviceWidth = width((line) => line.service);
  const durationWidth = width((line) => line.duration);
  const paint = options.colour ? COLOURS : PLAIN;

  return lines
    .map((line) => {
      const columns = [
        paint.dim(line.branch) + paint.name(line.name, line.error) + pad(line.branch + line.name, nameWidth),
        paint.service(line.service) + pad(line.service, serviceWidth),
        pad(line.duration, durationWidth) + paint.duration(line.duration, line.slow),
        line.notes.map((note) => (note.startsWith('✕') ? paint.error(note) : paint.dim(note))).join('  '),
      ];
      const wanted = [true, serviceWidth > 0, durationWidth > 0, line.notes.length > 0];
      return columns
        .filter((_, column) => wanted[column])
        .join('   ')
        .trimEnd();
    })
    .join('\n');
}

interface Line {
  branch: string;
  name: string;
  service: string;
  duration: string;
  notes: string[];
  error: boolean;
  slow: boolean;
}

function cells(row: TreeRow | OmittedRow, names: Map<string, string>, options: SpanTreeOptions): Line {
  const {
    durations = true,
    services = true,
    kinds = false,
    attributes = [],
    slowMs = Number.POSITIVE_INFINITY,
  } = options;
  if ('omitted' in row) {
    const name = `… ${row.omitted} more`;
    return { branch: row.branch, name, service: '', duration: '', notes: [], error: false, slow: false };
  }
  const { span } = row;
  const system = systemOf(span);
  const error = errorOf(span);
  const slow = durationMs(span) >= slowMs;
  const notes: string[] = [];
  if (system !== undefined) notes.push(system);
  for (const key of attributes) {
    if (Object.hasOwn(span.attributes, key)) notes.push(`${key}=${valueText(span.attributes[key])}`);
  }
  if (slow) notes.push('◷ slow');
  if (error !== undefined) notes.push(`✕ ${error}`);
  notes.push(...linksOf(span, names));
  if (span.ended === false) notes.push('? not ended');
  if (row.oddity === 'orphan') notes.push('? parent not here');
  if (row.oddity === 'cycle') notes.push('? its own ancestor');
  if (row.copies > 1) notes.push(`? received ${row.copies} times`);
  return {
    branch: row.branch,
    name: (kinds ? `${span.kind} ` : '') + (printable(span.name, MAX_NAME) || '(no name)'),
    service: services ? printable(String(span.resource['service.name'] ?? '-'), MAX_NAME) : '',
    duration: durations ? durationText(span) : '',
    notes: notes.map((note) => printable(note, MAX_NOTE)),
    error: error !== undefined,
    slow,
  };
}

const earliest = (start: bigint, span: TestSpan) => (span.startTimeUnixNano < start ? span.startTimeUnixNano : start);
const length = (text: string) => [...text].length;
const pad = (text: string, width: number) => ' '.repeat(Math.max(0, width - length(text)));

const same = (text: string) => text;
const ansi = (code: number) => (text: string) => (text === '' ? '' : `\x1b[${code}m${text}\x1b[0m`);
const PLAIN = { dim: same, name: same, service: same, duration: same, error: same };
const COLOURS = {
  dim: ansi(2),
  name: (text: string, error: boolean) => (error ? ansi(31)(text) : text),
  service: ansi(36),
  duration: (text: string, slow: boolean) => (slow ? ansi(33)(text) : text),
  error: ansi(31),
};
