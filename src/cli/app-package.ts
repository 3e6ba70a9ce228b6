// Owns the look at the package.json of the application: the nearest one with a name, upwards from where the command runs.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface AppPackage {
  name?: string;
  version?: string;
  /** Names, without those for development only. */
  dependencies: readonly string[];
  scripts: Readonly<Record<string, string>>;
}

export function readAppPackage(cwd: string): AppPackage {
  for (let at = cwd; ; at = dirname(at)) {
    const { name, version, dependencies, scripts } = readJson(join(at, 'package.json'));
    if (typeof name === 'string' && name !== '') {
      return {
        name,
        ...(typeof version === 'string' && { version }),
        dependencies: Object.keys(recordOf(dependencies)),
        scripts: Object.fromEntries(
          Object.entries(recordOf(scripts)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
        ),
      };
    }
    if (dirname(at) === at) return { dependencies: [], scripts: {} };
  }
}

function readJson(file: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
