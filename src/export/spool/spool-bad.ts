// Files that were set aside: kept for whoever wants to look into them, ten at most, and no longer than a batch.
import { join } from 'node:path';
import { BAD_SUFFIX } from './spool-file.ts';
import type { SpoolFolders } from './spool-folder.ts';
import { diskBytes } from './spool-index.ts';
import { quietly, type SpoolClock, type SpoolFs } from './spool-io.ts';

export const MAX_BAD = 10;

/** `<Unix seconds when it was set aside>-<sequence>-<former name>.bad`, numbers in base 36. */
const NAME = /^([0-9a-z]{1,9})-[0-9a-z]{1,9}-(.*)\.bad$/s;

interface BadFile {
  path: string;
  bytes: number;
  born: number;
}

export class BadFiles {
  /** Oldest first. */
  #files: BadFile[] = [];
  #sequence = 0;
  readonly #fs: SpoolFs;
  readonly #clock: SpoolClock;
  readonly #folders: SpoolFolders;

  constructor(fs: SpoolFs, clock: SpoolClock, folders: SpoolFolders) {
    this.#fs = fs;
    this.#clock = clock;
    this.#folders = folders;
  }

  get bytes(): number {
    return this.#files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Moves what lies at `path`, whatever it is, out of the way. What was set aside before keeps its age. */
  setAside(folder: string, name: string): void {
    const from = join(this.#folders.path(folder), name);
    const now = Math.trunc(this.#clock.wall() / 1000);
    const [, when = now.toString(36), former = name] = NAME.exec(name) ?? [];
    const kept = `${when}-${(++this.#sequence).toString(36)}-${former.slice(0, 80)}${BAD_SUFFIX}`;
    const to = join(this.#folders.path(this.#folders.name), kept);
    const stats = this.#look(from);
    if (!stats || !quietly(() => this.#fs.renameSync(from, to))) {
      quietly(() => this.#fs.unlinkSync(from));
      return;
    }
    const age = Math.max(0, now - Number.parseInt(when, 36));
    this.#files.push({ path: to, bytes: diskBytes(stats.size), born: this.#clock.uptime() - age });
    while (this.#files.length > MAX_BAD) this.removeOldest();
  }

  /** A folder that somebody put here goes only if it is empty: it is not ours to clear. */
  removeOldest(): boolean {
    const file = this.#files.shift();
    if (!file) return false;
    if (!quietly(() => this.#fs.unlinkSync(file.path))) quietly(() => this.#fs.rmdirSync(file.path));
    return true;
  }

  expire(before: number): void {
    this.#files.sort((a, b) => a.born - b.born);
    while (this.#files[0] && this.#files[0].born < before) this.removeOldest();
  }

  forget(): void {
    this.#files = [];
  }

  #look(path: string): { size: number } | undefined {
    let stats: { size: number } | undefined;
    quietly(() => {
      stats = this.#fs.lstatSync(path);
    });
    return stats;
  }
}
