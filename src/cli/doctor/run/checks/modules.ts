// Checks 24 to 27: is every library patched that an instrumentation is for, and if not, why.
import type { Finding } from '../../finding.ts';
import type { ModuleFacts, RunFacts, ThreadFacts } from '../facts.ts';
import { satisfies } from '../satisfies.ts';
import { type Check, error, listOf, preloadVariable, warning } from './finding.ts';

type Miss = ModuleFacts & { thread: ThreadFacts };

function misses({ threads }: RunFacts, why: (row: ModuleFacts) => boolean): Miss[] {
  const found = new Map<string, Miss>();
  for (const thread of threads) {
    if (thread.tracing?.active !== true) continue;
    for (const row of thread.modules) {
      if (!row.builtin && row.loaded && !row.patched && why(row)) found.set(row.module, { ...row, thread });
    }
  }
  return [...found.values()];
}

const fits = ({ supported, version }: ModuleFacts): boolean =>
  version === undefined || supported.some((range) => satisfies(version, range));

const named = (rows: Miss[]) => listOf(rows.map(({ module, version }) => [module, version].filter(Boolean).join(' ')));
const are = (rows: Miss[]) => (rows.length === 1 ? 'is' : 'are');
const startOf = (rows: Miss[]) => rows[0]?.thread.tracing?.startedBy;

export const loadedTooEarly: Check = (facts) => {
  const rows = misses(facts, (row) => row.early && (row.replaced || !row.seen) && fits(row));
  if (rows.length === 0) return [];
  const esm = facts.app.entry?.esm === true;
  return [
    error('LOADED_TOO_EARLY', {
      what: `${named(rows)} ${are(rows)} not instrumented, being loaded before tracing started.${esm ? ' In an ES module every import runs before the first line of code.' : ''}`,
      from: startOf(rows),
      fix: esm
        ? `${preloadVariable(facts.app)} ${facts.command}`
        : `${preloadVariable(facts.app)} ${facts.command}   (or put initTracing() above the first require of ${rows[0]!.module})`,
    }),
  ];
};

export const esmWithoutHook: Check = (facts) => {
  const rows = misses(facts, (row) => ((row.seen && !row.replaced) || !row.early) && fits(row));
  if (rows.length === 0) return [];
  return [
    error('ESM_WITHOUT_HOOK', {
      what: `${named(rows)} ${are(rows)} not instrumented: imported by an ES module that was linked before the loader hook was there.`,
      from: startOf(rows),
      fix: `${preloadVariable(facts.app)} ${facts.command}`,
    }),
  ];
};

export const unsupportedVersion: Check = (facts) =>
  misses(facts, (row) => !fits(row)).map(
    ({ module, version, supported }): Finding =>
      warning('UNSUPPORTED_VERSION', {
        what: `${module} ${version} is installed and not instrumented: its instrumentation is for ${listOf([...new Set(supported)])}.`,
        from: `node_modules/${module}`,
        fix: `npm install ${module}@"${supported.at(-1)}"   (or a newer instrumentation of ${module})`,
      }),
  );

export const bundled: Check = ({ app, threads }) => {
  const { entry } = app;
  const thread = threads.find(({ tracing }) => tracing?.active);
  if (entry?.bundled !== true || thread === undefined) return [];
  const rows = thread.modules.filter(
    ({ module, builtin, loaded, seen }) =>
      !builtin && !loaded && !seen && app.dependencies.includes(module) && !entry.external.includes(module),
  );
  const names = [...new Set(rows.map(({ module }) => module))];
  if (names.length === 0) return [];
  return [
    error('BUNDLED', {
      what: `${listOf(names)} ${names.length === 1 ? 'is' : 'are'} in package.json and was never loaded from node_modules: a bundler has put it into ${entry.file}, where it cannot be patched.`,
      from: entry.file,
      fix: `esbuild … ${names.map((name) => `--external:${name}`).join(' ')}   (webpack and rollup: externals/external)`,
    }),
  ];
};
