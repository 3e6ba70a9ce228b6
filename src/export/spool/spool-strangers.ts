// Folders of dead processes that sent to another destination: not ours to send, but nobody else may come to clear them.
import { join } from 'node:path';
import { FILES_PER_TURN } from './spool-adoption.ts';
import { BAD_SUFFIX, parseName } from './spool-file.ts';
import { quietly, type SpoolClock, type SpoolFs } from './spool-io.ts';
import { LEASE_FILE } from './spool-lease.ts';

/**
 * Deletes what is too old there, and the folder when nothing is left in it.
 * @returns spans deleted
 */
export function sweepStranger(fs: SpoolFs, clock: SpoolClock, folder: string, maxAgeMs: number): number {
  let spans = 0;
  let left = 0;
  quietly(() => {
    const dir = fs.opendirSync(folder);
    try {
      for (let seen = 0; seen < FILES_PER_TURN; seen++) {
        const entry = dir.readSync();
        if (!entry) break;
        if (entry.name === LEASE_FILE) continue;
        const path = join(folder, entry.name);
        const meta = parseName(entry.name);
        const made = meta?.createdAt ?? (entry.name.endsWith(BAD_SUFFIX) ? fs.lstatSync(path).mtimeMs : Number.NaN);
        if (clock.wall() - made > maxAgeMs && quietly(() => fs.unlinkSync(path))) spans += meta?.spanCount ?? 0;
        else left++;
      }
    } finally {
      dir.closeSync();
    }
    if (left > 0) return;
    quietly(() => fs.unlinkSync(join(folder, LEASE_FILE)));
    fs.rmdirSync(folder);
  });
  return spans;
}
