// The file system calls and clocks of the spool, captured when loaded: neither an instrumented `fs` nor fake timers of the app reach them.
import fs from 'node:fs';
import { later, soon } from '../clock.ts';

const hrtime = process.hrtime.bind(process);
const wallNow = Date.now.bind(Date);

/** Each is the function of `node:fs` with that name. Tests hand in ones that fail. */
export const realFs = {
  closeSync: fs.closeSync,
  fdatasyncSync: fs.fdatasyncSync,
  fstatSync: fs.fstatSync,
  lstatSync: fs.lstatSync,
  mkdirSync: fs.mkdirSync,
  opendirSync: fs.opendirSync,
  openSync: fs.openSync,
  readFileSync: fs.readFileSync,
  readlinkSync: fs.readlinkSync,
  readSync: fs.readSync,
  realpathSync: fs.realpathSync,
  renameSync: fs.renameSync,
  rmdirSync: fs.rmdirSync,
  unlinkSync: fs.unlinkSync,
  utimesSync: fs.utimesSync,
  writeSync: fs.writeSync,
  writevSync: fs.writevSync,
};
export type SpoolFs = typeof realFs;

export interface SpoolClock {
  /** Seconds since some moment that all processes of this machine share. A step of the wall clock does not move it. */
  uptime(): number;
  /** Unix milliseconds. */
  wall(): number;
  later: typeof later;
  soon: typeof soon;
}

export const realClock: SpoolClock = {
  // On Linux this is CLOCK_MONOTONIC, on macOS and Windows its counterpart.
  uptime: () => {
    const [seconds, nanoseconds] = hrtime();
    return seconds + nanoseconds / 1e9;
  },
  wall: wallNow,
  later,
  soon,
};

/** Zero where the platform has no such flag (Windows). */
const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
export const CREATE_FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
export const REWRITE_FLAGS = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
/** Without O_NONBLOCK, opening a pipe that somebody put there would block for good. */
export const READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

export const FOLDER_MODE = 0o700;
export const FILE_MODE = 0o600;

export const errnoOf = (error: unknown): string => {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'unknown';
};

/** For clean-up that may fail: what is left is found by the next scan. */
export function quietly(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
