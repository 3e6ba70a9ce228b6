// What to say when the spool cannot do its work. One line for each cause, and not again within a minute.
import { errnoOf } from './spool-io.ts';

/** Seconds. */
const AGAIN = 60;
const DIR = 'KEEPTRACE_SPOOL_DIR';

const FIXES: Record<string, string> = {
  EACCES: `let this user write there, or name another folder in ${DIR}`,
  EPERM: `let this user write there, or name another folder in ${DIR}`,
  EROFS: `mount a volume that can be written, or name another folder in ${DIR}`,
  ENOSPC: 'free space on that disk, or lower KEEPTRACE_SPOOL_MB',
  EDQUOT: 'raise the quota of this user, or lower KEEPTRACE_SPOOL_MB',
  EMFILE: 'raise the number of files that a process may open (ulimit -n)',
  ENFILE: 'raise the number of open files of this machine',
  EFBIG: 'raise the size that a file may have (ulimit -f)',
  SHORT_WRITE: 'free space on that disk, or raise the size that a file may have (ulimit -f)',
  ENOTDIR: `name a folder in ${DIR}, not a file`,
  ENOENT: `leave that folder alone while processes use it, or name another in ${DIR}`,
  SLOW: `name a folder on a local disk in ${DIR}`,
  UMASK: 'set a umask that lets the owner read and write, such as 077',
};

export interface SpoolProblems {
  /** `what` is a clause: cannot write a batch. */
  failed(what: string, error: unknown): void;
  say(cause: string, sentence: string): void;
}

export function createProblems(dir: string, uptime: () => number, tell: (message: string) => void): SpoolProblems {
  const told = new Map<string, number>();
  const say = (cause: string, sentence: string): void => {
    const last = told.get(cause);
    if (last !== undefined && uptime() - last < AGAIN) return;
    told.set(cause, uptime());
    try {
      tell(`spool ${dir}: ${sentence}`);
    } catch {
      // It is the listener's fault, and there is nobody to tell.
    }
  };
  return {
    say,
    failed(what, error) {
      const code = errnoOf(error);
      say(
        code,
        `${what} (${code}); until then spans wait in memory only. Fix: ${FIXES[code] ?? `name another folder in ${DIR}`}.`,
      );
    },
  };
}
