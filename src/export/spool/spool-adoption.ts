// Goes through folders that were taken over, a bounded number of files at a time, and tells what is in them.
import type { Dir } from 'node:fs';
import { join } from 'node:path';
import { type FileName, parseName } from './spool-file.ts';
import type { SpoolFolders } from './spool-folder.ts';
import { quietly, type SpoolClock, type SpoolFs } from './spool-io.ts';
import { LEASE_FILE } from './spool-lease.ts';

/** Files looked at in one turn of the event loop, 1 to 2 ms of work. */
export const FILES_PER_TURN = 256;

export interface Found {
  folder: string;
  fileName: string;
  meta: FileName;
  /** Uptime in seconds, as far as can be told. */
  born: number;
}

export interface AdoptionEvents {
  batches(found: Found[]): void;
  /** Its process ended while it was being written. */
  unfinished(folder: string, fileName: string, spanCount: number): void;
  /** Not by any name of ours, or set aside before. */
  strange(folder: string, fileName: string): void;
  /** All of its files have been told. */
  finished(folder: string): void;
}

export class Adoption {
  readonly #folders: SpoolFolders;
  readonly #fs: SpoolFs;
  readonly #clock: SpoolClock;
  readonly #on: AdoptionEvents;
  #queue: string[] = [];
  #open: { folder: string; dir: Dir } | undefined;

  constructor(folders: SpoolFolders, fs: SpoolFs, clock: SpoolClock, on: AdoptionEvents) {
    this.#folders = folders;
    this.#fs = fs;
    this.#clock = clock;
    this.#on = on;
  }

  get busy(): boolean {
    return this.#open !== undefined || this.#queue.length > 0;
  }

  add(folder: string): void {
    this.#queue.push(folder);
  }

  isPending(folder: string): boolean {
    return this.#open?.folder === folder || this.#queue.includes(folder);
  }

  /** One turn. Throws as the file system does; the folder is then put back at the end. */
  step(): void {
    const { folder, dir } = this.#current() ?? {};
    if (folder === undefined || dir === undefined) return;
    const found: Found[] = [];
    let left = FILES_PER_TURN;
    try {
      for (; left > 0; left--) {
        const entry = dir.readSync();
        if (!entry) break;
        this.#look(folder, entry.name, found);
      }
    } finally {
      if (left > 0) this.#close();
      if (found.length > 0) this.#on.batches(found);
    }
    if (left > 0) this.#on.finished(folder);
  }

  stop(): void {
    this.#close();
    this.#queue = [];
  }

  #current(): { folder: string; dir: Dir } | undefined {
    const folder = this.#open ? undefined : this.#queue.shift();
    if (folder !== undefined) {
      try {
        this.#open = { folder, dir: this.#fs.opendirSync(this.#folders.path(folder)) };
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ENOENT') this.#queue.push(folder);
        throw error;
      }
    }
    return this.#open;
  }

  #look(folder: string, fileName: string, found: Found[]): void {
    const path = join(this.#folders.path(folder), fileName);
    if (fileName === LEASE_FILE) {
      quietly(() => this.#fs.unlinkSync(path));
      return;
    }
    const meta = parseName(fileName);
    if (!meta) this.#on.strange(folder, fileName);
    else if (!meta.finished) this.#on.unfinished(folder, fileName, meta.spanCount);
    else found.push({ folder, fileName, meta, born: this.#clock.uptime() - this.#age(path, meta.createdAt) });
  }

  /** Seconds. A file from the future, or from before clocks were set, is as old as the file system says, or new. */
  #age(path: string, createdAt: number): number {
    const now = this.#clock.wall();
    if (isPlausible(createdAt, now)) return Math.max(0, now - createdAt) / 1000;
    let written = Number.NaN;
    quietly(() => {
      written = this.#fs.lstatSync(path).mtimeMs;
      // So that it does not begin anew with each process that takes it over.
      if (!isPlausible(written, now)) this.#fs.utimesSync(path, now / 1000, now / 1000);
    });
    return isPlausible(written, now) ? Math.max(0, now - written) / 1000 : 0;
  }

  #close(): void {
    quietly(() => this.#open?.dir.closeSync());
    this.#open = undefined;
  }
}

const YEAR_2020 = Date.UTC(2020, 0);
const HOURS = 3_600_000;

/** A clock that was stepped by an hour or two is no reason to doubt; one that was never set is. */
const isPlausible = (at: number, now: number): boolean => at >= YEAR_2020 && at <= now + 2 * HOURS;
