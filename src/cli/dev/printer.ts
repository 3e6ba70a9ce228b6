// `--print`: each trace as a tree on the terminal, once it is quiet, with the address under which the page shows it.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import { spanTree } from '../../testing/span-tree.ts';
import { printable } from '../../testing/tree-notes.ts';
import type { TraceSummary } from './contract.ts';
import type { HeldTrace, StoreEvents } from './store.ts';

export interface PrinterOptions {
  summary(trace: HeldTrace): TraceSummary;
  url(): string;
  slowMs: number;
  colour: boolean;
  write(text: string): void;
  /** Bytes that wait for a terminal or a pipe that does not read. */
  waiting(): number;
  /** Milliseconds, monotonic. Default `performance.now`. */
  now?: () => number;
}

/** Parts of a trace come from several processes, each in its own time. */
const QUIET_MS = 600;
/** Where the root is missing, what is missing may still come. */
const QUIET_PARTIAL_MS = 2_500;
/** One that never gets quiet is printed all the same. */
const LONGEST_MS = 15_000;
const CHECK_MS = 200;
const MAX_LINES = 60;
const MAX_CHILDREN = 20;
const MAX_WAITING = 1024 * 1024;

interface Pending {
  trace: HeldTrace;
  since: number;
  changed: number;
}

export class Printer implements StoreEvents {
  readonly #options: PrinterOptions;
  readonly #now: () => number;
  readonly #pending = new Map<string, Pending>();
  readonly #printed = new WeakSet<HeldTrace>();
  #timer: NodeJS.Timeout | undefined;
  #skipped = 0;

  constructor(options: PrinterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  changed(trace: HeldTrace): void {
    const now = this.#now();
    const pending = this.#pending.get(trace.traceId);
    if (pending?.trace === trace) pending.changed = now;
    else this.#pending.set(trace.traceId, { trace, since: now, changed: now });
    this.#timer ??= setInterval(() => this.check(), CHECK_MS).unref();
  }

  /** It had no quiet moment yet, and is printed as far as it came: better than not at all. */
  evicted(traceId: string): void {
    const pending = this.#pending.get(traceId);
    if (pending !== undefined) this.#print(pending.trace);
  }

  cleared(): void {
    this.#pending.clear();
  }

  /** Prints what is quiet. */
  check(): void {
    const now = this.#now();
    for (const { trace, since, changed } of this.#pending.values()) {
      const { partial } = this.#options.summary(trace);
      const quiet = now - changed >= (partial ? QUIET_PARTIAL_MS : QUIET_MS);
      if (quiet || now - since >= LONGEST_MS) this.#print(trace);
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Prints all that still waits: for the end of the process. */
  flush(): void {
    for (const { trace } of this.#pending.values()) this.#print(trace);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #print(trace: HeldTrace): void {
    this.#pending.delete(trace.traceId);
    const { waiting, write } = this.#options;
    if (waiting() > MAX_WAITING) {
      this.#skipped += 1;
      return;
    }
    if (this.#skipped > 0) write(`(${this.#skipped} traces not printed: nobody read what was written)\n\n`);
    this.#skipped = 0;
    write(this.#text(trace, this.#printed.has(trace)));
    this.#printed.add(trace);
  }

  #text(trace: HeldTrace, again: boolean): string {
    const { slowMs, colour, url, summary } = this.#options;
    const { verdict, traceId, spans } = summary(trace);
    const tree = treeText([...trace.spans.values()], slowMs, colour);
    const words = printable(verdict.text, 200);
    const paint = (code: number, text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
    const more = again ? `more of it has come, ${spans} spans now; ` : '';
    return `${tree}\n${paint(verdict.kept ? 32 : 2, `→ ${more}${words}`)}\n${paint(2, `  ${url()}/#${traceId}`)}\n\n`;
  }
}

function treeText(spans: ReceivedSpan[], slowMs: number, colour: boolean): string {
  const lines = spanTree(spans, { slowMs, colour, maxChildren: MAX_CHILDREN }).split('\n');
  if (lines.length <= MAX_LINES) return lines.join('\n');
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} lines more`].join('\n');
}
