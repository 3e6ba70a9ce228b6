// Writes one line to file descriptor 2, now: at exit there is no later.
import { writeSync } from 'node:fs';

/** A full pipe (EAGAIN) is tried again this often, then the line is given up. */
const ATTEMPTS = 5;

/** Never throws: a closed or full stderr is no reason to disturb the app. */
export function writeStderr(line: string, write: (fd: number, bytes: Uint8Array) => number = writeSync): void {
  let rest = Buffer.from(line);
  for (let attempt = 0; attempt < ATTEMPTS && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(write(2, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}
