// Tells open pages what has changed, at most every 100 ms. A page that does not read is cut off: it reconnects by itself
// and gets everything anew.
import type { ServerResponse } from 'node:http';
import type { TraceSummary } from './contract.ts';
import type { HeldTrace, StoreEvents } from './store.ts';

export interface EventSource {
  /** Newest first. */
  newest(count: number): TraceSummary[];
  summary(traceId: string): TraceSummary | undefined;
  held(): number;
}

const EVERY_MS = 100;
const SNAPSHOT = 200;
/** Bytes that may wait for one page. */
const MAX_WAITING = 8 * 1024 * 1024;
/** Each takes one of the connections that exporters need, too. */
export const MAX_PAGES = 20;
/** Beyond so many in one tick a snapshot says the same in fewer words. */
const MAX_EVICTED = 5_000;

export class EventHub implements StoreEvents {
  readonly #source: EventSource;
  readonly #pages = new Set<ServerResponse>();
  #changed = new Set<string>();
  #evicted: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** Returns false when there are too many pages already. */
  connect(response: ServerResponse): boolean {
    if (this.#pages.size >= MAX_PAGES) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    this.#pages.add(response);
    response.on('close', () => {
      this.#pages.delete(response);
      if (this.#pages.size === 0) this.#forget();
    });
    this.#send(response, 'snapshot', this.#snapshot());
    return true;
  }

  changed(trace: HeldTrace): void {
    if (this.#pages.size === 0) return;
    this.#changed.add(trace.traceId);
    this.#schedule();
  }

  evicted(traceId: string): void {
    if (this.#pages.size === 0) return;
    this.#changed.delete(traceId);
    if (this.#evicted.length <= MAX_EVICTED) this.#evicted.push(traceId);
    this.#schedule();
  }

  cleared(): void {
    this.#forget();
    for (const page of this.#pages) this.#send(page, 'cleared', {});
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#tell(), EVERY_MS).unref();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed = new Set();
    this.#evicted = [];
  }

  #tell(): void {
    const changed = [...this.#changed];
    const evicted = this.#evicted;
    this.#forget();
    if (evicted.length > MAX_EVICTED) {
      for (const page of this.#pages) this.#send(page, 'snapshot', this.#snapshot());
      return;
    }
    const traces = changed.map((traceId) => this.#source.summary(traceId)).filter((summary) => summary !== undefined);
    for (const page of this.#pages) this.#send(page, 'traces', { traces, held: this.#source.held(), evicted });
  }

  #snapshot(): object {
    return { traces: this.#source.newest(SNAPSHOT), held: this.#source.held() };
  }

  #send(page: ServerResponse, event: string, data: object): void {
    if (page.writableLength > MAX_WAITING) page.destroy();
    else page.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
