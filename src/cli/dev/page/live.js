// @ts-check
// Owns the list of traces as the reader sees it: pushed by the server, held back while somebody reads or pauses.
import * as api from './api.js';

/** @typedef {import('./api.js').TraceSummary} TraceSummary */

/** The newest that the page keeps; the server holds the others, and the filter reaches them. */
export const KEPT = 2000;

export class Live {
  /** Newest first. @type {TraceSummary[]} */
  rows = [];
  /** What came while the list stood still, oldest first. @type {Map<string, TraceSummary>} */
  waiting = new Map();
  held = 0;
  paused = false;
  /** Somebody reads: what is new waits, what changes is shown where it stands. */
  reading = false;
  connected = false;
  /** The first snapshot is here. */
  ready = false;
  /** @type {Set<string>} */
  #known = new Set();
  #drawn = 0;
  /** @type {Set<(ids: Set<string>) => void>} */
  #listeners = new Set();
  /** @type {Set<string>} */
  #touched = new Set();

  start() {
    const events = new EventSource('/api/events');
    /** @param {string} name @param {(data: any) => void} use */
    const on = (name, use) => events.addEventListener(name, (event) => use(JSON.parse(event.data)));
    on('snapshot', ({ traces, held }) => void this.#snapshot(traces, held));
    on('traces', ({ traces, held, evicted }) => this.#change(traces, held, evicted));
    on('cleared', () => this.#replace([], 0));
    events.onopen = () => this.#connection(true);
    events.onerror = () => this.#connection(false);
  }

  /** @param {(ids: Set<string>) => void} listener told at most once a frame, with the ids of what changed */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** @param {boolean} paused */
  pause(paused) {
    this.paused = paused;
    if (!paused && !this.reading) this.release();
    this.#tell();
  }

  /** @param {boolean} reading */
  read(reading) {
    if (this.reading === reading) return;
    this.reading = reading;
    if (!reading && !this.paused) this.release();
    this.#tell();
  }

  /** Lets in what waits. */
  release() {
    const fresh = [...this.waiting.values()];
    this.waiting.clear();
    this.#show(fresh);
    this.#tell();
  }

  /** @param {TraceSummary[]} traces newest first @param {number} held */
  async #snapshot(traces, held) {
    const known = traces.some(({ traceId }) => this.#known.has(traceId) || this.waiting.has(traceId));
    if (!known || !this.ready) this.#replace(traces, held);
    else this.#change([...traces].reverse(), held, []);
    this.ready = true;
    if (held <= traces.length) this.#only(traces);
    else await this.#older();
  }

  /** A snapshot has the newest 200 only. */
  async #older() {
    const { traces } = await api.traces(new URLSearchParams({ limit: String(KEPT) }));
    this.#only(traces);
    const older = traces.filter(({ traceId }) => !this.#known.has(traceId) && !this.waiting.has(traceId));
    for (const { traceId } of older) this.#known.add(traceId);
    this.rows = [...this.rows, ...older].slice(0, KEPT);
    this.#tell();
  }

  /** A snapshot also comes when more traces went than were worth telling one by one. @param {TraceSummary[]} held */
  #only(held) {
    const here = new Set(held.map(({ traceId }) => traceId));
    const gone = [...this.#known, ...this.waiting.keys()].filter((traceId) => !here.has(traceId));
    if (gone.length > 0) this.#forget(new Set(gone));
    this.#tell();
  }

  /** @param {TraceSummary[]} traces @param {number} held */
  #replace(traces, held) {
    this.rows = traces;
    this.#known = new Set(traces.map(({ traceId }) => traceId));
    this.waiting.clear();
    this.held = held;
    this.#tell();
  }

  /** @param {TraceSummary[]} traces in order of arrival @param {number} held @param {string[]} evicted */
  #change(traces, held, evicted) {
    this.held = held;
    /** @type {TraceSummary[]} */
    const fresh = [];
    /** @type {Map<string, TraceSummary>} */
    const changed = new Map();
    for (const trace of traces) {
      this.#touched.add(trace.traceId);
      if (this.#known.has(trace.traceId) && !this.paused) changed.set(trace.traceId, trace);
      else if (this.paused || this.reading || this.waiting.has(trace.traceId)) this.waiting.set(trace.traceId, trace);
      else fresh.push(trace);
    }
    if (changed.size > 0) this.rows = this.rows.map((row) => changed.get(row.traceId) ?? row);
    if (evicted.length > 0) this.#forget(new Set(evicted));
    while (this.waiting.size > KEPT) this.waiting.delete(this.waiting.keys().next().value ?? '');
    this.#show(fresh);
    this.#tell();
  }

  /** @param {Set<string>} gone */
  #forget(gone) {
    for (const traceId of gone) this.waiting.delete(traceId);
    if (this.paused) return;
    for (const traceId of gone) this.#known.delete(traceId);
    this.rows = this.rows.filter(({ traceId }) => !gone.has(traceId));
  }

  /** @param {TraceSummary[]} fresh oldest first */
  #show(fresh) {
    if (fresh.length === 0) return;
    const again = new Set(fresh.filter(({ traceId }) => this.#known.has(traceId)).map(({ traceId }) => traceId));
    const byId = new Map(fresh.map((trace) => [trace.traceId, trace]));
    const rows = this.rows.map((row) => (again.has(row.traceId) ? (byId.get(row.traceId) ?? row) : row));
    const added = fresh.filter(({ traceId }) => !again.has(traceId)).reverse();
    for (const { traceId } of added) this.#known.add(traceId);
    this.rows = [...added, ...rows];
    for (const { traceId } of this.rows.slice(KEPT)) this.#known.delete(traceId);
    this.rows.length = Math.min(this.rows.length, KEPT);
  }

  /** @param {boolean} connected */
  #connection(connected) {
    this.connected = connected;
    this.#tell();
  }

  #tell() {
    if (this.#drawn !== 0) return;
    this.#drawn = requestAnimationFrame(() => {
      this.#drawn = 0;
      const touched = this.#touched;
      this.#touched = new Set();
      for (const listener of this.#listeners) listener(touched);
    });
  }
}
