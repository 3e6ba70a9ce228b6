// The one look at the file system that settings need, kept apart so that resolving them stays pure.
import { accessSync, constants, statSync } from 'node:fs';

/** Why `path` cannot be read as a file, as an error code such as `ENOENT`; undefined when it can. */
export function whyUnreadable(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return 'EISDIR';
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
