// Owns the look at the app's own package.json, where name and version of the service are taken from when unset.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { workingFolder } from './working-folder.ts';

export interface HostPackage {
  name?: string;
  version?: string;
}

/**
 * The nearest package.json with a name, upwards from the entry script, else from the working directory. The other way round
 * when the entry is an installed tool (`next start`, a process manager): the app is where it was started.
 *
 * @param cwd undefined when the working directory was deleted
 */
export function readHostPackage(
  entry: string = process.argv[1] ?? '',
  cwd: string | undefined = workingFolder(),
): HostPackage {
  const script =
    entry === '' || (cwd === undefined && !isAbsolute(entry)) ? undefined : realPath(resolve(cwd ?? '/', entry));
  const folders = [script === undefined ? undefined : dirname(script), cwd];
  if (script !== undefined && /[\\/]node_modules[\\/]/.test(script)) folders.reverse();
  for (const folder of folders) {
    const found = folder === undefined ? undefined : nearest(folder);
    if (found !== undefined) return found;
  }
  return {};
}

function nearest(folder: string): HostPackage | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const { name, version } = readJson(join(at, 'package.json'));
    if (typeof name === 'string' && name !== '') {
      return typeof version === 'string' ? { name, version } : { name };
    }
    if (dirname(at) === at) return undefined;
  }
}

function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A global CLI is started through a link; its package.json is beside the file, not beside the link. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
