// Owns what is seen of modules: which ones the instrumentations are for, which are loaded, and which were patched.
import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { ModuleFacts } from '../facts.ts';
import { quietly } from './quietly.ts';

interface Definition {
  name: string;
  supportedVersions?: string[];
  moduleExports?: unknown;
  moduleVersion?: string;
  files?: { moduleExports?: unknown }[];
}

interface Instrumentation {
  instrumentationName: string;
  _modules?: Definition[];
}

// Its cache is that of the process.
const { cache } = createRequire(join(process.cwd(), 'probe.js'));

export function watchModules() {
  let list: Instrumentation[] = [];
  let early = new Set<string>();
  let replaced: string[] = [];

  return {
    /** To be called at the moment when tracing starts. */
    take(instrumentations: unknown[], late: string[] = []): void {
      list = instrumentations as Instrumentation[];
      early = evaluatedPackages();
      replaced = late;
    },
    instrumentations: (): string[] =>
      list.map(({ instrumentationName }) =>
        instrumentationName.replace(/^@opentelemetry\/instrumentation-|^keeptrace\//, ''),
      ),
    facts(): ModuleFacts[] {
      const loaded = loadedFolders();
      const rows = new Map<string, ModuleFacts>();
      for (const { instrumentationName, _modules = [] } of list) {
        for (const definition of _modules) add(rows, instrumentationName, definition);
      }
      for (const row of rows.values()) {
        const folder = loaded.get(row.module);
        row.loaded = folder !== undefined;
        row.early = early.has(row.module);
        row.replaced = replaced.includes(row.module);
        row.patched &&= !row.replaced;
        row.version ??= folder === undefined ? undefined : versionIn(folder);
      }
      return [...rows.values()];
    },
  };
}

/** Several definitions may be for one module: of other versions, or of other files in it. */
function add(rows: Map<string, ModuleFacts>, instrumentation: string, definition: Definition): void {
  const { name: module, supportedVersions = [], moduleExports, moduleVersion, files = [] } = definition;
  const key = `${instrumentation} ${module}`;
  const row = rows.get(key) ?? {
    instrumentation,
    module,
    builtin: isBuiltin(module),
    patched: false,
    supported: [],
    seen: false,
    loaded: false,
    early: false,
    replaced: false,
  };
  rows.set(key, row);
  row.supported.push(...supportedVersions);
  row.patched ||= moduleExports !== undefined || files.some((file) => file.moduleExports !== undefined);
  row.seen ||= moduleVersion !== undefined;
  row.version ??= moduleVersion;
}

export const loadedPackages = (): string[] => [...loadedFolders().keys()].sort();

const inPackage = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** Every folder of a package in `require.cache`, with the name of the package. Asked five times a second, so remembered. */
let folders: (readonly [name: string, folder: string])[] = [];
let filesSeen = -1;

function foldersLoaded(): typeof folders {
  const files = Object.keys(cache);
  if (files.length === filesSeen) return folders;
  filesSeen = files.length;
  const names = new Map<string, string>();
  for (const file of files) {
    const [folder, name] = inPackage.exec(file) ?? [];
    if (folder !== undefined && name !== undefined) names.set(folder, name.replace('\\', '/'));
  }
  folders = [...names].map(([folder, name]) => [name, folder] as const);
  return folders;
}

/** Those of which a file has been evaluated: what an ES module has linked is in the cache before. */
function evaluatedPackages(): Set<string> {
  const names = Object.entries(cache).map(([file, entry]) => (entry?.loaded ? inPackage.exec(file)?.[1] : undefined));
  return new Set(names.flatMap((name) => (name === undefined ? [] : [name.replace('\\', '/')])));
}

/** Of two copies the first. */
function loadedFolders(): Map<string, string> {
  return new Map([...foldersLoaded()].reverse());
}

/** Every copy of one package. */
export const copiesOf = (wanted: string): string[] =>
  foldersLoaded().flatMap(([name, folder]) => (name === wanted ? [folder] : []));

const versions = new Map<string, string | undefined>();

export function versionIn(folder: string): string | undefined {
  if (!versions.has(folder)) {
    const read = () => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version as string;
    versions.set(folder, quietly(read));
  }
  return versions.get(folder);
}
