// Whether a folder is a safe place for spans, which may hold personal data. Pure: it is handed what the file system says.
import { dirname } from 'node:path';

/** The part of `fs.Stats` that counts. */
export interface FolderStats {
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  mode: number;
  uid: number;
  dev: number;
}

const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/**
 * @param euid undefined where there are no such users (Windows): nothing to check then
 * @param look gives undefined for what does not exist
 * @returns what is wrong, as a clause about `dir`, with what to do
 */
export function whyUnsafe(
  dir: string,
  euid: number | undefined,
  look: (path: string) => FolderStats | undefined,
): string | undefined {
  const self = look(dir);
  if (self?.isSymbolicLink()) return 'is a symbolic link; name the folder itself';
  if (self && !self.isDirectory()) return 'is not a folder; name another place';
  if (euid === undefined) return undefined;
  if (self && self.uid !== euid && self.uid !== 0) {
    return `belongs to the user ${self.uid} and this process runs as ${euid}; give each user a folder of its own`;
  }
  for (let path = dir, stats = self; ; ) {
    const parent = dirname(path);
    const parentStats = parent === path ? undefined : look(parent);
    if (stats && openToAll(stats, parentStats)) {
      const subject = path === dir ? 'is' : `lies in ${path}, which is`;
      return `${subject} writable by every user and not sticky; chmod 700 it, or chmod +t`;
    }
    if (parent === path) return undefined;
    path = parent;
    stats = parentStats;
  }
}

/**
 * A mounted volume of its own may be open to all: that is how Kubernetes hands out an emptyDir, and what is mounted into one
 * container is no shared folder of a machine. Our folder inside is 0700 all the same.
 */
function openToAll(stats: FolderStats, parent: FolderStats | undefined): boolean {
  if ((stats.mode & WORLD_WRITABLE) === 0 || (stats.mode & STICKY) !== 0) return false;
  return parent === undefined || parent.dev === stats.dev;
}
