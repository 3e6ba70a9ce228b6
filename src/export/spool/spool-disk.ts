// Single files of the spool: writing one so that it is whole or absent, and reading one without trusting it.
import { decodeRecord, encodeHeader, type RecordMeta } from './spool-file.ts';
import { CREATE_FLAGS, errnoOf, FILE_MODE, quietly, READ_FLAGS, type SpoolFs } from './spool-io.ts';
import { shortWrite } from './spool-lease.ts';

export type SpoolSync = 'never' | 'always';

export interface WriteJob {
  /** Under this name it is written … */
  unfinished: string;
  /** … and under this one it is whole. */
  path: string;
  meta: RecordMeta;
  destination: Buffer;
  payload: Uint8Array;
  sync: SpoolSync;
}

/** Throws as the file system does, and leaves nothing behind then. */
export function writeRecord(fs: SpoolFs, job: WriteJob): void {
  const header = encodeHeader(job.meta, job.destination, job.payload);
  const fd = fs.openSync(job.unfinished, CREATE_FLAGS, FILE_MODE);
  let open = true;
  try {
    const written = fs.writevSync(fd, [header, job.payload], 0);
    // At a file size limit or on a full disk a write is cut short without an error. Going on would raise one, or a signal.
    if (written !== header.length + job.payload.length) throw shortWrite();
    if (job.sync === 'always') fs.fdatasyncSync(fd);
    open = false;
    fs.closeSync(fd);
    fs.renameSync(job.unfinished, job.path);
  } catch (error) {
    if (open) quietly(() => fs.closeSync(fd));
    quietly(() => fs.unlinkSync(job.unfinished));
    throw error;
  }
}

export type ReadResult =
  | { kind: 'read'; payload: Uint8Array }
  /** Nothing by that name. */
  | { kind: 'gone' }
  /** What lies there is not the batch that was written. */
  | { kind: 'bad'; why: string }
  /** Nothing wrong with the file: the process is out of something. */
  | { kind: 'busy'; error: unknown };

const BUSY = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR']);

/** `size` and `euid` are what the file must have; `euid` undefined where there are no users. */
export function readRecord(
  fs: SpoolFs,
  path: string,
  size: number,
  destination: Buffer,
  euid: number | undefined,
): ReadResult {
  let fd: number;
  try {
    fd = fs.openSync(path, READ_FLAGS);
  } catch (error) {
    return unreadable(error);
  }
  try {
    const stats = fs.fstatSync(fd);
    if (euid !== undefined && stats.uid !== euid) return { kind: 'bad', why: 'belongs to another user' };
    // Folders, pipes and devices differ in this, too.
    if (stats.size !== size) return { kind: 'bad', why: 'is cut short or too long' };
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    while (filled < size) {
      const length = fs.readSync(fd, bytes, filled, size - filled, filled);
      if (length === 0) return { kind: 'bad', why: 'is cut short' };
      filled += length;
    }
    const decoded = decodeRecord(bytes, destination);
    return decoded.ok ? { kind: 'read', payload: decoded.payload } : { kind: 'bad', why: decoded.why };
  } catch (error) {
    return unreadable(error);
  } finally {
    quietly(() => fs.closeSync(fd));
  }
}

function unreadable(error: unknown): ReadResult {
  const code = errnoOf(error);
  if (code === 'ENOENT') return { kind: 'gone' };
  return BUSY.has(code) ? { kind: 'busy', error } : { kind: 'bad', why: `cannot be read (${code})` };
}
