// `--file`: spans on disk as OTLP/JSON, one export a line (the format of OpenTelemetry's file exporter), read back at the
// next start. When the file has grown too large it is written anew from what is held.
import { createReadStream, existsSync, writeFileSync } from 'node:fs';
import { appendFile, open, rename, stat, truncate } from 'node:fs/promises';
import { decodeTraces } from '../../receiver/otlp-decode.ts';
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import { resourceSpans } from './otlp-export.ts';

export interface TraceFileOptions {
  path: string;
  /** What is held, for writing the file anew: the oldest trace first. */
  held(): Iterable<Iterable<ReceivedSpan>>;
  warn(sentence: string): void;
  /** Default 128 MiB. */
  maxBytes?: number;
}

const MAX_BYTES = 128 * 1024 * 1024;
/** Waiting to be written; a disk that hangs must not fill the memory. */
const MAX_WAITING = 32 * 1024 * 1024;
const MAX_LINE = 64 * 1024 * 1024;

export class TraceFile {
  readonly #options: Required<TraceFileOptions>;
  #waiting: string[] = [];
  /** Handed to the disk, which has not confirmed it yet. */
  #writing = '';
  #waitingBytes = 0;
  #bytes = 0;
  #work: Promise<void> | undefined;
  /** Clears that were asked for, and how many of them are on the disk. */
  #clears = { asked: 0, done: 0 };
  #warned = false;

  constructor(options: TraceFileOptions) {
    this.#options = { maxBytes: MAX_BYTES, ...options };
  }

  /** Hands on what the file holds. Lines that are no traces are left out and counted in one sentence. */
  async restore(take: (spans: ReceivedSpan[]) => void): Promise<void> {
    const { path, warn } = this.#options;
    if (!existsSync(path)) return;
    let unreadable = 0;
    for await (const line of linesOf(path)) {
      if (line === undefined) unreadable += 1;
      else if (line.length > 0) {
        try {
          take(decodeTraces(line, 'json'));
        } catch {
          unreadable += 1;
        }
      }
    }
    if (unreadable > 0) warn(`${unreadable} lines of ${path} are no traces in OTLP/JSON and were left out`);
    this.#bytes = (await stat(path)).size;
  }

  get #isToClear(): boolean {
    return this.#clears.done < this.#clears.asked;
  }

  append(spans: ReceivedSpan[]): void {
    if (spans.length === 0) return;
    const line = lineOf(spans);
    if (this.#waitingBytes + line.length > MAX_WAITING) {
      this.#warnOnce(`${this.#options.path} takes too long to write; some traces are not in it`);
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#start();
  }

  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#clears.asked += 1;
    this.#start();
  }

  /** Resolves once all that was given is written. */
  async written(): Promise<void> {
    while (this.#work !== undefined) await this.#work;
  }

  /** For the end of the process: what waits is written before this returns. */
  flushSync(): void {
    // What is being written may be there already, or half of it: spans that come twice are one, half a line is none.
    const again = this.#writing === '' || this.#isToClear ? '' : `\n${this.#writing}`;
    const text = again + this.#waiting.join('');
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (text === '' && !this.#isToClear) return;
    try {
      writeFileSync(this.#options.path, text, { flag: this.#isToClear ? 'w' : 'a', mode: 0o600 });
    } catch (error) {
      this.#warnOnce(`${this.#options.path} cannot be written: ${(error as Error).message}`);
    }
  }

  #start(): void {
    this.#work ??= this.#write().finally(() => {
      this.#work = undefined;
      if (this.#waiting.length > 0 || this.#isToClear) this.#start();
    });
  }

  async #write(): Promise<void> {
    const { path, maxBytes } = this.#options;
    try {
      if (this.#isToClear) {
        const { asked } = this.#clears;
        try {
          if (existsSync(path)) await truncate(path);
        } finally {
          this.#clears.done = asked;
        }
        this.#bytes = 0;
      }
      const text = this.#waiting.join('');
      this.#waiting = [];
      this.#waitingBytes = 0;
      if (text === '') return;
      this.#writing = text;
      await appendFile(path, text, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(text);
      if (this.#bytes > maxBytes) await this.#rewrite();
    } catch (error) {
      this.#warnOnce(`${path} cannot be written: ${(error as Error).message}`);
    } finally {
      this.#writing = '';
    }
  }

  async #rewrite(): Promise<void> {
    const { path, held } = this.#options;
    const fresh = `${path}.new`;
    const file = await open(fresh, 'w', 0o600);
    let bytes = 0;
    try {
      for (const spans of held()) {
        const line = lineOf(spans);
        await file.write(line);
        bytes += Buffer.byteLength(line);
      }
    } finally {
      await file.close();
    }
    await rename(fresh, path);
    this.#bytes = bytes;
  }

  #warnOnce(sentence: string): void {
    if (!this.#warned) this.#options.warn(sentence);
    this.#warned = true;
  }
}

const lineOf = (spans: Iterable<ReceivedSpan>) => `${JSON.stringify({ resourceSpans: resourceSpans(spans) })}\n`;

/** Undefined for a line that is too long to be one. */
async function* linesOf(path: string): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = () => {
    const line = length > MAX_LINE ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, at));
      length += at - from;
      yield take();
      from = at + 1;
    }
    length += chunk.length - from;
    if (length > MAX_LINE) parts = [];
    else if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (length > 0) yield take();
}
