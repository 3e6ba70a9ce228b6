// The folders below the spool's: the one of this process, those of others, and how a folder changes hands.
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoOf, FOLDER_MODE, quietly, type SpoolClock, type SpoolFs } from './spool-io.ts';
import {
  createLease,
  LEASE_FILE,
  LeaseWatch,
  machineIdentity,
  publishBytes,
  readLease,
  renewLease,
} from './spool-lease.ts';
import { whyUnsafe } from './spool-safety.ts';

/** `kt-<destination>-<owner>`, and with `-<n>` a folder that this owner took over. The lease lies in the former for both. */
const NAME = /^(kt-([0-9a-f]{16})-[0-9a-f]{16})(?:-\d{1,9})?$/;
/** Entries of the spool's folder that one look goes through. */
const MAX_ENTRIES = 1024;

export interface Survey {
  /** Other owners whose folders lie here. */
  others: number;
  /** Bytes that they said they hold. */
  bytes: number;
  /** Folders without a living owner, meant for the same destination … */
  free: string[];
  /** … and for another one. */
  strange: string[];
}

/** The path without symbolic links above it; of `dir` itself a link is left, to be refused. */
export function realFolder(fs: SpoolFs, dir: string): string {
  const path = resolve(dir);
  let above = dirname(path);
  let below = basename(path);
  for (;;) {
    try {
      return join(fs.realpathSync(above), below);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || dirname(above) === above) throw error;
      below = join(basename(above), below);
      above = dirname(above);
    }
  }
}

/** Node's own `recursive` never returns where nothing can be made in a folder that is there, such as /proc. */
function makeFolders(fs: SpoolFs, path: string): void {
  if (isMade(fs, path)) return;
  if (dirname(path) !== path) makeFolders(fs, dirname(path));
  // Throws what the file system says if it still cannot be made.
  if (!isMade(fs, path)) fs.mkdirSync(path, FOLDER_MODE);
}

function isMade(fs: SpoolFs, path: string): boolean {
  try {
    fs.mkdirSync(path, FOLDER_MODE);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return true;
    if (errnoOf(error) !== 'ENOENT') throw error;
    return false;
  }
}

export class SpoolFolders {
  /** Of this process; another one after the folder was taken over. */
  name = '';
  readonly root: string;
  readonly #destination: string;
  readonly #fs: SpoolFs;
  readonly #clock: SpoolClock;
  readonly #euid: number | undefined;
  readonly #machine: string;
  readonly #watch: LeaseWatch;
  #taken = 0;
  #published = 0;

  constructor(root: string, destination: Buffer, euid: number | undefined, fs: SpoolFs, clock: SpoolClock) {
    this.root = root;
    this.#destination = destination.toString('hex');
    this.#euid = euid;
    this.#fs = fs;
    this.#clock = clock;
    this.#machine = machineIdentity(fs);
    this.#watch = new LeaseWatch(this.#machine);
  }

  /** @returns what is wrong with the place, if anything. Throws as the file system does. */
  create(): string | undefined {
    const fs = this.#fs;
    const look = (path: string) => fs.lstatSync(path, { throwIfNoEntry: false });
    const before = whyUnsafe(this.root, this.#euid, look);
    if (before) return before;
    makeFolders(fs, this.root);
    const after = whyUnsafe(this.root, this.#euid, look);
    if (after) return after;
    // Somebody may take the folder while it has no lease yet: then another one is made.
    for (let attempt = 1; ; attempt++) {
      this.name = `kt-${this.#destination}-${randomBytes(8).toString('hex')}`;
      this.#published = 0;
      try {
        fs.mkdirSync(this.path(this.name), FOLDER_MODE);
        createLease(fs, this.#clock, this.#lease, this.#machine);
        return undefined;
      } catch (error) {
        if (errnoOf(error) === 'ENOENT' && attempt < 5) continue;
        this.letGo([]);
        throw error;
      }
    }
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** Throws ENOENT when the folder is no longer ours. */
  renew(): void {
    renewLease(this.#fs, this.#clock, this.#lease);
  }

  /** Is there a folder of ours, with a lease or without? */
  exists(): boolean {
    return this.#fs.lstatSync(this.path(this.name), { throwIfNoEntry: false }) !== undefined;
  }

  /** Tells the others how much is held here. */
  publish(bytes: number): void {
    if (bytes === this.#published) return;
    publishBytes(this.#fs, this.#lease, this.#machine, bytes);
    this.#published = bytes;
    quietly(() => this.renew());
  }

  /** Looks at the folders of others. Throws as the file system does. */
  survey(): Survey {
    const uptime = this.#clock.uptime();
    const owners = new Map<string, boolean>();
    const survey: Survey = { others: 0, bytes: 0, free: [], strange: [] };
    for (const name of this.#list()) {
      const [, owner, destination] = NAME.exec(name) ?? [];
      if (owner === undefined || owner === this.name) continue;
      let free = owners.get(owner);
      if (free === undefined) {
        const lease = readLease(this.#fs, join(this.path(owner), LEASE_FILE));
        free = this.#watch.isFree(owner, lease, uptime);
        owners.set(owner, free);
        survey.others++;
        survey.bytes += lease?.bytes ?? 0;
      }
      if (free && this.#isOurs(name)) (destination === this.#destination ? survey.free : survey.strange).push(name);
    }
    this.#watch.turn();
    return survey;
  }

  /** @returns its new name; undefined when somebody else was faster */
  adopt(name: string): string | undefined {
    const taken = `${this.name}-${++this.#taken}`;
    return quietly(() => this.#fs.renameSync(this.path(name), this.path(taken))) ? taken : undefined;
  }

  /** Removes a folder if nothing is left in it. */
  remove(name: string): boolean {
    return quietly(() => this.#fs.rmdirSync(this.path(name)));
  }

  /** From now on others may take what is here. */
  letGo(adopted: Iterable<string>): void {
    quietly(() => this.#fs.unlinkSync(this.#lease));
    for (const name of [...adopted, this.name]) this.remove(name);
  }

  get #lease(): string {
    return join(this.path(this.name), LEASE_FILE);
  }

  #list(): string[] {
    const names: string[] = [];
    const dir = this.#fs.opendirSync(this.root);
    try {
      for (let entry = dir.readSync(); entry && names.length < MAX_ENTRIES; entry = dir.readSync())
        names.push(entry.name);
    } finally {
      dir.closeSync();
    }
    return names;
  }

  /** A link, a file, or what another user made under such a name is left alone. */
  #isOurs(name: string): boolean {
    const stats = this.#fs.lstatSync(this.path(name), { throwIfNoEntry: false });
    return stats?.isDirectory() === true && (this.#euid === undefined || stats.uid === this.#euid);
  }
}
