// Owns the lines that bring the traces of an application here. Pure but for the look at its package.json.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { About } from './contract.ts';

const DEFAULT_URL = 'http://localhost:4318';

export interface PasteContext {
  url: string;
  /** The script that Node runs, as far as it can be told. Default `server.js`. */
  script?: string;
  /** The shell sends traces elsewhere, so the address has to be said even where it is the default. */
  elsewhere?: boolean;
}

export function pasteLines({ url, script = 'server.js', elsewhere = false }: PasteContext): About['paste'] {
  const env = `OTEL_EXPORTER_OTLP_ENDPOINT=${url}`;
  const node = `node --import keeptrace/register ${script}`;
  const options = url === DEFAULT_URL && !elsewhere ? '' : `{ endpoint: '${url}' }`;
  return {
    env,
    preload: url === DEFAULT_URL && !elsewhere ? node : `${env} ${node}`,
    code: `import { initTracing } from 'keeptrace'; initTracing(${options});`,
  };
}

/** Where the script of an application is, as a rule. */
const USUAL = [
  'server',
  'app',
  'index',
  'main',
  'src/server',
  'src/app',
  'src/index',
  'src/main',
  'dist/server',
  'dist/index',
  'dist/main',
];
const ENDINGS = ['js', 'mjs', 'cjs', 'ts', 'mts'];

/**
 * What Node runs in `folder`: by `npm start`, by `npm run dev`, by `main` of its package, or where such scripts usually are.
 * `npm init` writes a `main` that nobody has, so only a file that is there counts; undefined without one.
 */
export function scriptOf(folder: string): string | undefined {
  const { scripts, main, exports } = packageOf(folder);
  const named = [nodeScript(scripts?.start), nodeScript(scripts?.dev)];
  // A package with `exports` is a library.
  if (exports === undefined && typeof main === 'string') named.push(main);
  const usual = exports === undefined ? USUAL.flatMap((name) => ENDINGS.map((ending) => `${name}.${ending}`)) : [];
  return [...named, ...usual].find(
    (file) => file !== undefined && /^[\w@./-]+\.[cm]?[jt]s$/.test(file) && existsSync(join(folder, file)),
  );
}

const nodeScript = (command: unknown) =>
  /(?:^|\s)node(?:\s+-[\w=:./-]+)*\s+([\w@./-]+\.[cm]?[jt]s)(?:\s|$)/.exec(String(command))?.[1];

function packageOf(folder: string): { scripts?: Record<string, unknown>; main?: unknown; exports?: unknown } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) ?? {};
  } catch {
    return {};
  }
}

export function sendsElsewhere(env: NodeJS.ProcessEnv, url: string): boolean {
  const set = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return set !== undefined && set !== '' && !set.startsWith(url);
}

/** The preload that an application in `folder` would load; undefined when keeptrace is not installed there. */
export function installedPreload(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'noop.js')).resolve('keeptrace/register');
  } catch {
    return undefined;
  }
}
