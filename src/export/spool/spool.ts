// The opt-in spool: batches that memory cannot hold, or should not alone, as files that outlive the process. Synchronous, and never throws.
import { basename } from 'node:path';
import { BadFiles } from './spool-bad.ts';
import type { Spool, SpoolEntry } from './spool-contract.ts';
import { readRecord, writeRecord } from './spool-disk.ts';
import { BATCH_SUFFIX, destinationHash, formatName, HEADER_BYTES, UNFINISHED_SUFFIX } from './spool-file.ts';
import { realFolder, SpoolFolders } from './spool-folder.ts';
import { diskBytes, type SpoolItem } from './spool-index.ts';
import { errnoOf, realClock, realFs, type SpoolClock, type SpoolFs } from './spool-io.ts';
import type { FileSpool, SpoolOptions, SpoolStats } from './spool-options.ts';
import { createProblems, type SpoolProblems } from './spool-problem.ts';
import { SpoolRoom } from './spool-room.ts';
import { SpoolUpkeep } from './spool-upkeep.ts';

export type { FileSpool, SpoolOptions, SpoolStats } from './spool-options.ts';

type SpoolBatch = Parameters<Spool['put']>[0];

/** Two writes in a row that took this long, in seconds, stop the next ones for a while: the app waits for each of them. */
const SLOW_WRITE = 0.5;
const SLOW_REST = 10;
/** Seconds without `next` after the process ran out of descriptors. */
const BUSY_REST = 1;

/** For tests: the world the spool runs in. */
export interface SpoolWorld {
  fs: SpoolFs;
  clock: SpoolClock;
  /** Undefined where there are no users. */
  euid: number | undefined;
}

/** @returns undefined when the folder cannot be used; the reason has been told to `on.problem` then */
export function openSpool(options: SpoolOptions, world: Partial<SpoolWorld> = {}): FileSpool | undefined {
  const { fs = realFs, clock = realClock, euid = process.geteuid?.() } = world;
  const problems = createProblems(options.dir, clock.uptime, options.on.problem);
  try {
    const destination = destinationHash(options.destination);
    const folders = new SpoolFolders(realFolder(fs, options.dir), destination, euid, fs, clock);
    const unsafe = folders.create();
    if (unsafe === undefined) return new DiskSpool(options, folders, destination, problems, { fs, clock, euid });
    problems.say('unsafe', `${unsafe}. Spans wait in memory only.`);
  } catch (error) {
    problems.failed('cannot be used', error);
  }
  return undefined;
}

class DiskSpool implements FileSpool {
  readonly #options: SpoolOptions;
  readonly #folders: SpoolFolders;
  readonly #destination: Buffer;
  readonly #problems: SpoolProblems;
  readonly #world: SpoolWorld;
  readonly #room: SpoolRoom;
  readonly #upkeep: SpoolUpkeep;
  #sequence = 0;
  /** Uptimes in seconds until which nothing is written or handed out. */
  #noPutUntil = 0;
  #noNextUntil = 0;
  #slowWrites = 0;
  #closed = false;

  constructor(
    options: SpoolOptions,
    folders: SpoolFolders,
    destination: Buffer,
    problems: SpoolProblems,
    world: SpoolWorld,
  ) {
    this.#options = options;
    this.#folders = folders;
    this.#destination = destination;
    this.#problems = problems;
    this.#world = world;
    const { fs, clock } = world;
    const bad = new BadFiles(fs, clock, folders);
    const room = new SpoolRoom(options, folders, bad, fs, problems);
    this.#room = room;
    this.#upkeep = new SpoolUpkeep({ folders, room, bad, problems, fs, clock, maxAgeMs: options.maxAgeMs });
    this.#upkeep.start();
  }

  put(batch: SpoolBatch): SpoolEntry | undefined {
    return this.#guard(() => {
      const item = this.#closed ? undefined : this.#put(batch);
      if (!item) this.#room.failedWrite();
      return item && entryOf(item);
    });
  }

  next(): (SpoolEntry & { readonly own: boolean }) | undefined {
    return this.#guard(() => {
      const uptime = this.#world.clock.uptime();
      if (this.#closed || uptime < this.#noNextUntil) return undefined;
      this.#upkeep.renewIfDue();
      this.#room.expire(uptime);
      const item = this.#room.index.take();
      return item && { ...entryOf(item), own: item.own };
    });
  }

  read(entry: SpoolEntry): Uint8Array | undefined {
    return this.#guard(() => {
      const item = this.#room.index.held(entry.name);
      if (!item) return undefined;
      const { fs, euid } = this.#world;
      const result = readRecord(fs, this.#folders.path(item.name), item.size, this.#destination, euid);
      if (result.kind === 'read') return result.payload;
      if (result.kind === 'busy') {
        this.#room.index.release(item.name);
        this.#noNextUntil = this.#world.clock.uptime() + BUSY_REST;
        this.#problems.failed('cannot read a batch', result.error);
        return undefined;
      }
      // A missing file may mean that the whole folder has gone, to another process or for good; it shares that fate.
      if (result.kind === 'gone') {
        this.#room.index.release(item.name);
        if (!this.#upkeep.renew()) return undefined;
        this.#room.index.hold(item.name);
      }
      const why = result.kind === 'gone' ? 'is gone' : result.why;
      this.#room.index.drop(item);
      this.#room.damaged(item, basename(item.name));
      this.#problems.say('damaged', `a batch of ${item.spanCount} spans ${why}; it is set aside as .bad and counted.`);
      return undefined;
    });
  }

  done(entry: SpoolEntry): void {
    this.#guard(() => {
      const item = this.#room.index.held(entry.name) ?? this.#room.index.hold(entry.name);
      if (!item) return;
      this.#room.index.drop(item);
      this.#room.delete(item);
    });
  }

  release(entry: SpoolEntry): boolean {
    return this.#guard(() => this.#room.index.release(entry.name)) ?? false;
  }

  stats(): SpoolStats {
    return this.#room.stats();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#guard(() => this.#upkeep.stop());
  }

  #put(batch: SpoolBatch): SpoolItem | undefined {
    const { clock } = this.#world;
    const started = clock.uptime();
    if (started < this.#noPutUntil) return undefined;
    this.#upkeep.renewIfDue();
    const size = HEADER_BYTES + batch.bytes.length;
    if (!this.#room.admits(size, batch.lane)) {
      const what = diskBytes(size) > this.#room.allowance ? 'a batch is larger than the spool may be' : 'it is full';
      this.#problems.say('full', `${what}. Fix: raise KEEPTRACE_SPOOL_MB.`);
      return undefined;
    }
    const item = this.#write(batch, size, true);
    const took = clock.uptime() - started;
    this.#slowWrites = took > SLOW_WRITE ? this.#slowWrites + 1 : 0;
    if (this.#slowWrites > 1) {
      this.#noPutUntil = clock.uptime() + SLOW_REST;
      const error = Object.assign(new Error('slow'), { code: 'SLOW' });
      this.#problems.failed(
        `a write took ${Math.round(took * 1000)} ms, so the next ${SLOW_REST} s are without`,
        error,
      );
    }
    if (!item) return undefined;
    this.#room.trim(diskBytes(size));
    this.#room.index.add([item], true);
    return item;
  }

  #write(batch: SpoolBatch, size: number, again: boolean): SpoolItem | undefined {
    const { fs, clock } = this.#world;
    const { bytes: payload, spanCount, lane } = batch;
    const createdAt = Math.max(0, Math.trunc(batch.createdAt));
    const sequence = ++this.#sequence;
    const folder = this.#folders.name;
    const name = `${folder}/${formatName({ lane, createdAt, sequence, spanCount, size })}`;
    const path = this.#folders.path(name);
    const unfinished = path.slice(0, -BATCH_SUFFIX.length) + UNFINISHED_SUFFIX;
    const meta = { spanCount, lane, createdAt };
    const sync = this.#options.sync ?? 'never';
    try {
      writeRecord(fs, { path, unfinished, meta, destination: this.#destination, payload, sync });
    } catch (error) {
      // No such folder: it was taken over while this process stood still. A new one has been made then.
      if (errnoOf(error) === 'ENOENT' && again && !this.#upkeep.renew()) return this.#write(batch, size, false);
      this.#problems.failed('cannot write a batch', error);
      return undefined;
    }
    const age = Math.max(0, clock.wall() - createdAt) / 1000;
    return { name, folder, lane, spanCount, createdAt, sequence, size, born: clock.uptime() - age, own: true };
  }

  /** The spool must never be what breaks an app. */
  #guard<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#problems.failed('has a fault of its own', error);
      return undefined;
    }
  }
}

const entryOf = ({ name, size, spanCount, lane, createdAt }: SpoolItem): SpoolEntry => ({
  name,
  size,
  spanCount,
  lane,
  createdAt,
});
