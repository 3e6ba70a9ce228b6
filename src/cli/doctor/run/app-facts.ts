// Owns what can be read of the app without running it: its dependencies, and the copies of the API it has installed.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readCommand } from './command-line.ts';
import type { AppFacts } from './facts.ts';
import { entryFacts, startsTracing } from './source.ts';

export function readApp(command: readonly string[], env: NodeJS.ProcessEnv, cwd: string): AppFacts {
  const { entry, preloads } = readCommand(command, env, cwd);
  const folder = entry === undefined ? cwd : dirname(entry);
  const { dependencies, devDependencies, optionalDependencies } = nearestPackage(folder);
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  return {
    dependencies: names,
    apiCopies: modulesAbove(folder).flatMap(apiCopies),
    entry: entry === undefined ? undefined : entryFacts(entry, names),
    starts: preloads ? 'command' : entry !== undefined && startsTracing(entry) ? 'code' : 'doctor',
    nodeOptions: Boolean(env.NODE_OPTIONS?.trim()),
  };
}

type Manifest = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string> | undefined>;

function nearestPackage(folder: string): Partial<Manifest> {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = readJson(join(at, 'package.json'));
    if (manifest !== undefined || dirname(at) === at) return (manifest ?? {}) as Partial<Manifest>;
  }
}

/** Where Node would look for packages, from here upwards. */
function modulesAbove(folder: string): string[] {
  const found: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (namesIn(join(at, 'node_modules')).length > 0) found.push(join(at, 'node_modules'));
    if (dirname(at) === at) return found;
  }
}

/** The hoisted copy, and those that packages have for themselves. */
function apiCopies(modules: string): { folder: string; version: string }[] {
  const packages = namesIn(modules).flatMap((name) =>
    name.startsWith('@') ? namesIn(join(modules, name)).map((one) => join(name, one)) : [name],
  );
  return ['', ...packages.map((name) => join(name, 'node_modules'))].flatMap((at) => {
    const folder = join(modules, at, '@opentelemetry/api');
    const version = readJson(join(folder, 'package.json'))?.version;
    return typeof version === 'string' ? [{ folder, version }] : [];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
