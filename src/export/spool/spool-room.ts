// What is on disk and how much of it may be: the cap, the age limit, and the account of what had to go.
import { join } from 'node:path';
import type { Lane } from '../destination/destination-contract.ts';
import type { BadFiles } from './spool-bad.ts';
import type { SpoolFolders, Survey } from './spool-folder.ts';
import { diskBytes, SpoolIndex, type SpoolItem } from './spool-index.ts';
import { errnoOf, type SpoolFs } from './spool-io.ts';
import type { SpoolOptions, SpoolStats } from './spool-options.ts';
import type { SpoolProblems } from './spool-problem.ts';

/** Files deleted in one go at most, about 10 ms of work; the rest goes with the next tick. */
const DELETES_PER_TURN = 512;

export class SpoolRoom {
  readonly index = new SpoolIndex();
  readonly #options: SpoolOptions;
  readonly #fs: SpoolFs;
  readonly #folders: SpoolFolders;
  readonly #bad: BadFiles;
  readonly #problems: SpoolProblems;
  #others: Pick<Survey, 'others' | 'bytes'> = { others: 0, bytes: 0 };
  readonly #counts = {
    adopted: 0,
    corrupt: 0,
    expired: 0,
    evicted: { kept: 0, rest: 0 },
    taken: 0,
    deleted: 0,
    failedWrites: 0,
  };

  constructor(options: SpoolOptions, folders: SpoolFolders, bad: BadFiles, fs: SpoolFs, problems: SpoolProblems) {
    this.#options = options;
    this.#folders = folders;
    this.#bad = bad;
    this.#fs = fs;
    this.#problems = problems;
  }

  get bytes(): number {
    return this.index.bytes + this.#bad.bytes;
  }

  /**
   * Bytes that this process may hold: what the others leave of the cap, and never less than an equal share of it. So a
   * process that filled the spool alone does not keep the errors of a newcomer out.
   */
  get allowance(): number {
    const { maxBytes } = this.#options;
    return Math.max(Math.floor(maxBytes / (this.#others.others + 1)), maxBytes - this.#others.bytes);
  }

  othersHold(survey: Survey): void {
    this.#others = survey;
  }

  /** Is there room for a file, or would there be if others went? An error goes before the rest, and never the other way. */
  admits(size: number, lane: Lane): boolean {
    const missing = this.bytes + diskBytes(size) - this.allowance;
    if (missing <= 0) return true;
    if (diskBytes(size) > this.allowance) return false;
    return this.index.canFree(missing - this.#bad.bytes, lane === 'kept' ? ['rest', 'kept'] : ['rest']);
  }

  /** Gives up what is over the cap once `incoming` bytes are there too. */
  trim(incoming = 0): void {
    const limit = this.allowance - incoming;
    while (this.bytes > limit && this.#bad.removeOldest());
    for (let deletes = 0; this.bytes > limit && deletes < DELETES_PER_TURN; deletes++) {
      const item = this.index.giveUp();
      if (!item) return;
      this.#counts.evicted[item.lane] += item.spanCount;
      this.#lose(item, 'spool_evicted');
    }
  }

  /** `uptime` in seconds. */
  expire(uptime: number): void {
    const before = uptime - this.#options.maxAgeMs / 1000;
    this.#bad.expire(before);
    for (let deletes = 0; deletes < DELETES_PER_TURN; deletes++) {
      const item = this.index.expired(before);
      if (!item) return;
      this.#counts.expired += item.spanCount;
      this.#lose(item, 'spool_expired');
    }
  }

  /** Spans of other destinations that were too old. */
  sweptAway(spans: number): void {
    if (spans === 0) return;
    this.#counts.expired += spans;
    this.#tell('spool_expired', spans, false);
  }

  adopted(items: readonly SpoolItem[]): void {
    this.index.add(items);
    let spans = 0;
    for (const item of items) spans += item.spanCount;
    this.#counts.adopted += spans;
    this.#quietly(() => this.#options.on.adopted?.(spans));
  }

  /** The item is out of the index. Its file is set aside, if there is one. */
  damaged(item: Pick<SpoolItem, 'folder' | 'name' | 'spanCount' | 'own'>, fileName: string): void {
    this.#counts.corrupt += item.spanCount;
    this.#bad.setAside(item.folder, fileName);
    this.removeIfEmpty(item.folder);
    this.#tell('corrupt', item.spanCount, item.own);
  }

  unfinished(folder: string, fileName: string, spanCount: number): void {
    if (!this.#unlink(join(folder, fileName))) this.#bad.setAside(folder, fileName);
    this.#counts.corrupt += spanCount;
    this.#tell('corrupt', spanCount, false);
  }

  delete(item: SpoolItem): void {
    this.#unlink(item.name);
    this.removeIfEmpty(item.folder);
  }

  /** Of the folders that were taken over; rmdir itself makes sure that one is empty. */
  removeIfEmpty(folder: string): void {
    if (folder !== this.#folders.name && this.index.inFolder(folder) === 0) this.#folders.remove(folder);
  }

  failedWrite(): void {
    this.#counts.failedWrites++;
  }

  /** Nothing lies here any more: another process has it all, or nobody. */
  takenAway(how: 'taken' | 'deleted'): void {
    const spans = this.index.ownWaiting;
    this.#counts[how] += spans;
    this.index.clear();
    this.#bad.forget();
    if (spans === 0) return;
    if (how === 'deleted') this.#tell('spool_deleted', spans, true);
    else this.#quietly(() => this.#options.on.taken?.(spans));
  }

  stats(): SpoolStats {
    const { files, spans, ownWaiting } = this.index;
    return { files, spans, bytes: this.bytes, ownWaiting, ...this.#counts, evicted: { ...this.#counts.evicted } };
  }

  #lose(item: SpoolItem, reason: 'spool_evicted' | 'spool_expired'): void {
    this.delete(item);
    this.#tell(reason, item.spanCount, item.own);
  }

  #unlink(name: string): boolean {
    try {
      this.#fs.unlinkSync(this.#folders.path(name));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return true;
      // It will be found again by the next process: its spans may be sent twice, but are not lost.
      this.#problems.failed('cannot delete a file', error);
      return false;
    }
  }

  #tell(...what: Parameters<SpoolOptions['on']['lost']>): void {
    this.#quietly(() => this.#options.on.lost(...what));
  }

  #quietly(run: () => void): void {
    try {
      run();
    } catch {
      // A listener that throws must not stop the spool, and there is nobody to tell.
    }
  }
}
