// Which process a folder of the spool belongs to, and whether that process still lives. No process ids: in containers every process is number 1.
import {
  CREATE_FLAGS,
  FILE_MODE,
  quietly,
  READ_FLAGS,
  REWRITE_FLAGS,
  type SpoolClock,
  type SpoolFs,
} from './spool-io.ts';

export const LEASE_FILE = 'lease';
export const RENEW_MS = 2_000;
/** Seconds without a renewal after which a folder is anybody's. */
export const LEASE_SECONDS = 10;

/**
 * The modification time of a lease is uptime, not wall time, so that a step of the wall clock makes no living process look
 * dead. The offset keeps it within what every file system can store (FAT begins in 1980).
 */
const STAMP_OFFSET = 1_000_000_000;
const CONTENT_BYTES = 128;

export interface Lease {
  /** Uptime in seconds of the last renewal, if it was made on this machine since it was started. */
  stamp: number;
  /** Machine, boot and time namespace; undefined where there is no telling. Uptimes can be compared if it is the same. */
  machine: string | undefined;
  /** Bytes that the process holds in all its folders, as of its last renewal. */
  bytes: number;
}

/** Empty where the platform does not tell; a lease is then judged by watching it. */
export function machineIdentity(fs: SpoolFs): string {
  let identity = '';
  quietly(() => {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    identity = `${boot} ${fs.readlinkSync('/proc/self/ns/time')}`;
  });
  return /^[\w:[\] -]{1,80}$/.test(identity) ? identity : '';
}

const content = (machine: string, bytes: number): Buffer =>
  Buffer.from(`keeptrace lease 1\n${machine}\n${Math.trunc(bytes)}\n`.padEnd(CONTENT_BYTES), 'latin1');

/** Throws as the file system does. A new lease is stamped by the kernel first, which reads as "just now, elsewhere". */
export function createLease(fs: SpoolFs, clock: SpoolClock, path: string, machine: string): void {
  const fd = fs.openSync(path, CREATE_FLAGS, FILE_MODE);
  try {
    const bytes = content(machine, 0);
    if (fs.writeSync(fd, bytes, 0, bytes.length, 0) !== bytes.length) throw shortWrite();
    if ((fs.fstatSync(fd).mode & FILE_MODE) !== FILE_MODE) throw Object.assign(new Error('umask'), { code: 'UMASK' });
  } finally {
    fs.closeSync(fd);
  }
  renewLease(fs, clock, path);
}

export const shortWrite = (): Error =>
  Object.assign(new Error('fewer bytes were written than asked for'), { code: 'SHORT_WRITE' });

/** Throws ENOENT when the folder was taken over. Needs no file descriptor: an app that ran out of them keeps its lease. */
export function renewLease(fs: SpoolFs, clock: SpoolClock, path: string): void {
  const stamp = STAMP_OFFSET + clock.uptime();
  fs.utimesSync(path, stamp, stamp);
}

/** Tells the others how much is held. May fail; then they go by what they were told before. */
export function publishBytes(fs: SpoolFs, path: string, machine: string, bytes: number): void {
  quietly(() => {
    const fd = fs.openSync(path, REWRITE_FLAGS);
    try {
      fs.writeSync(fd, content(machine, bytes), 0, CONTENT_BYTES, 0);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** @returns undefined when there is none: its process let go of it, or never got as far as making one */
export function readLease(fs: SpoolFs, path: string): Lease | undefined {
  let stamp: number;
  try {
    stamp = fs.lstatSync(path).mtimeMs / 1000 - STAMP_OFFSET;
  } catch (error) {
    // What cannot be looked at is not free for the taking.
    return (error as { code?: unknown }).code === 'ENOENT'
      ? undefined
      : { stamp: Number.NaN, machine: undefined, bytes: 0 };
  }
  let lines: string[] = [];
  quietly(() => {
    const fd = fs.openSync(path, READ_FLAGS);
    try {
      const bytes = Buffer.alloc(CONTENT_BYTES);
      const length = fs.readSync(fd, bytes, 0, CONTENT_BYTES, 0);
      lines = bytes.toString('latin1', 0, length).split('\n');
    } finally {
      fs.closeSync(fd);
    }
  });
  const bytes = Number(lines[2]);
  return { stamp, machine: lines[1] || undefined, bytes: Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : 0 };
}

/** Judges leases of others. One that cannot be compared (another machine, an earlier boot) is watched for a change instead. */
export class LeaseWatch {
  readonly #machine: string;
  #seen = new Map<string, { stamp: number; since: number }>();
  #next = new Map<string, { stamp: number; since: number }>();

  constructor(machine: string) {
    this.#machine = machine;
  }

  /** Forgets the folders that were not asked for since the last call. */
  turn(): void {
    this.#seen = this.#next;
    this.#next = new Map();
  }

  isFree(owner: string, lease: Lease | undefined, uptime: number): boolean {
    if (lease === undefined) return true;
    const age = uptime - lease.stamp;
    if (this.#machine !== '' && lease.machine === this.#machine && age > -1) return age > LEASE_SECONDS;
    const before = this.#next.get(owner) ?? this.#seen.get(owner);
    const watched = before && Object.is(before.stamp, lease.stamp) ? before : { stamp: lease.stamp, since: uptime };
    this.#next.set(owner, watched);
    return uptime - watched.since > LEASE_SECONDS;
  }
}
