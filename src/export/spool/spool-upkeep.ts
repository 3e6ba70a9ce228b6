// What the spool does by itself, every two seconds: keeps its lease, takes over what dead processes left, clears what is too old.

import type { Cancel } from '../clock.ts';
import { Adoption } from './spool-adoption.ts';
import type { BadFiles } from './spool-bad.ts';
import type { SpoolFolders } from './spool-folder.ts';
import { errnoOf, type SpoolClock, type SpoolFs } from './spool-io.ts';
import { LEASE_SECONDS, RENEW_MS } from './spool-lease.ts';
import type { SpoolProblems } from './spool-problem.ts';
import type { SpoolRoom } from './spool-room.ts';
import { sweepStranger } from './spool-strangers.ts';

/** Folders taken over in one tick at most. */
const ADOPTIONS_PER_TICK = 8;
/** Longest time in seconds between two looks at a folder of another destination. */
const SWEEP_SECONDS = 3_600;

export interface UpkeepParts {
  folders: SpoolFolders;
  room: SpoolRoom;
  bad: BadFiles;
  problems: SpoolProblems;
  fs: SpoolFs;
  clock: SpoolClock;
  maxAgeMs: number;
}

export class SpoolUpkeep {
  readonly #parts: UpkeepParts;
  readonly #adoption: Adoption;
  readonly #adopted = new Set<string>();
  readonly #swept = new Map<string, number>();
  #timer: Cancel | undefined;
  #turn: Cancel | undefined;
  #renewedAt: number;
  #stopped = false;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#renewedAt = parts.clock.uptime();
    const { room, folders, fs, clock } = parts;
    this.#adoption = new Adoption(folders, fs, clock, {
      batches: (found) =>
        room.adopted(
          found.map(({ folder, fileName, meta, born }) => {
            const { lane, spanCount, createdAt, sequence, size } = meta;
            const name = `${folder}/${fileName}`;
            return { name, folder, lane, spanCount, createdAt, sequence, size, born, own: false };
          }),
        ),
      unfinished: (folder, fileName, spanCount) => room.unfinished(folder, fileName, spanCount),
      strange: (folder, fileName) => parts.bad.setAside(folder, fileName),
      finished: (folder) => room.removeIfEmpty(folder),
    });
  }

  /** The first look is left to the next turn of the event loop: it must not delay the start of the app. */
  start(): void {
    this.#turn = this.#parts.clock.soon(() =>
      this.#guard(() => {
        this.#survey();
        this.#step();
      }),
    );
    this.#arm();
  }

  /** An app that blocks its event loop and writes meanwhile keeps its lease all the same. */
  renewIfDue(): void {
    if ((this.#parts.clock.uptime() - this.#renewedAt) * 1000 >= RENEW_MS) this.renew();
  }

  /** @returns false when the folder was lost to another process; a new one has been made then, if that was possible */
  renew(): boolean {
    const { folders, problems, clock } = this.#parts;
    try {
      folders.renew();
      this.#renewedAt = clock.uptime();
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') {
        problems.failed('cannot keep its lease', error);
        return true;
      }
    }
    this.#startAnew();
    return false;
  }

  stop(): void {
    // What was deleted since the last look is lost, not spooled.
    this.renew();
    this.#stopped = true;
    this.#timer?.();
    this.#turn?.();
    this.#adoption.stop();
    this.#parts.folders.letGo(this.#adopted);
  }

  #tick(): void {
    const { room, folders, clock } = this.#parts;
    this.renew();
    room.expire(clock.uptime());
    this.#survey();
    room.trim();
    folders.publish(room.bytes);
    if (!this.#turn) this.#step();
  }

  #survey(): void {
    const { folders, room, problems } = this.#parts;
    try {
      const survey = folders.survey();
      room.othersHold(survey);
      for (const name of survey.free.slice(0, ADOPTIONS_PER_TICK)) {
        const adopted = folders.adopt(name);
        if (adopted === undefined) continue;
        this.#adopted.add(adopted);
        this.#adoption.add(adopted);
      }
      this.#sweep(survey.strange);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') problems.failed('cannot look for files of other processes', error);
    }
  }

  #sweep(strange: readonly string[]): void {
    const { fs, clock, folders, room, maxAgeMs } = this.#parts;
    const every = Math.min(SWEEP_SECONDS, maxAgeMs / 4000);
    for (const name of this.#swept.keys()) if (!strange.includes(name)) this.#swept.delete(name);
    const due = strange.find((name) => clock.uptime() - (this.#swept.get(name) ?? -Infinity) >= every);
    if (due === undefined) return;
    this.#swept.set(due, clock.uptime());
    room.sweptAway(sweepStranger(fs, clock, folders.path(due), maxAgeMs));
  }

  /** Goes on turn by turn: a folder may hold thousands of files. */
  #step(): void {
    this.#turn = undefined;
    if (this.#stopped || !this.#adoption.busy) return;
    const { room, problems, clock } = this.#parts;
    try {
      this.#adoption.step();
    } catch (error) {
      // The next tick tries again.
      if (errnoOf(error) !== 'ENOENT') problems.failed('cannot read a folder of another process', error);
      return;
    }
    room.trim();
    if (this.#adoption.busy) this.#turn = clock.soon(() => this.#guard(() => this.#step()));
  }

  #startAnew(): void {
    const { room, folders, problems, clock } = this.#parts;
    // Nobody takes over a folder whose lease is younger, and one whose lease alone is gone is there for the next.
    const deleted = clock.uptime() - this.#renewedAt <= LEASE_SECONDS && !folders.exists();
    this.#adoption.stop();
    this.#adopted.clear();
    room.takenAway(deleted ? 'deleted' : 'taken');
    if (deleted) problems.say('deleted', 'the folder of this process was deleted, with all that was in it.');
    else {
      problems.say(
        'taken',
        'the folder of this process was taken over by another one, or deleted. This happens when a process stands still for more than 10 s; what was in it is sent by the other.',
      );
    }
    try {
      const unsafe = folders.create();
      if (unsafe !== undefined) problems.say('unsafe', `${unsafe}. Spans wait in memory only.`);
      this.#renewedAt = clock.uptime();
    } catch (error) {
      problems.failed('cannot be used', error);
    }
  }

  /** What is thrown in a timer would end the app. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.problems.failed('has a fault of its own', error);
    }
  }

  #arm(): void {
    this.#timer = this.#parts.clock.later(RENEW_MS, () => {
      this.#guard(() => this.#tick());
      if (!this.#stopped) this.#arm();
    });
  }
}
