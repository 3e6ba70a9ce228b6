// Owns the look at the app's own package.json, where name and version of the service are taken from when unset.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface HostPackage {
  name?: string;
  version?: string;
}

/** The nearest package.json with a name, upwards from the entry script, else from the working directory. */
export function readHostPackage(entry: string = process.argv[1] ?? '', cwd: string = process.cwd()): HostPackage {
  return (entry === '' ? undefined : nearest(dirname(realPath(resolve(cwd, entry))))) ?? nearest(cwd) ?? {};
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
