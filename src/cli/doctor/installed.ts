// Owns the look at a package as keeptrace itself would load it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Installed {
  version: string;
  /** What its `engines` ask of Node. */
  node: string | undefined;
}

const require = createRequire(import.meta.url);

/** Few packages let their package.json be required, so it is looked for above their entry. @returns undefined when not there */
export function installed(name: string): Installed | undefined {
  try {
    for (let at = dirname(require.resolve(name)); dirname(at) !== at; at = dirname(at)) {
      const file = join(at, 'package.json');
      if (!existsSync(file)) continue;
      const found = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
      if (found.name === name) return { version: found.version ?? '', node: found.engines?.node };
    }
  } catch {
    // It cannot be found, or not be read.
  }
  return undefined;
}

interface Manifest {
  name?: string;
  version?: string;
  engines?: { node?: string };
}
