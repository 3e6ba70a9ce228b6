// Owns the lines that bring the traces of an application here. Pure but for the look at its package.json.
import { readFileSync } from 'node:fs';
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

/** What `npm start` or `main` of the package in `folder` runs with Node; undefined when that is not plain to see. */
export function scriptOf(folder: string): string | undefined {
  try {
    const { scripts, main, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const name of ['start', 'dev']) {
      const found = /(?:^|\s)node(?:\s+-[\w=:./-]+)*\s+([\w@./-]+\.[cm]?[jt]s)(?:\s|$)/.exec(
        String(scripts?.[name]),
      )?.[1];
      if (found !== undefined) return found;
    }
    // A package with `exports` is a library.
    return exports === undefined && typeof main === 'string' && /^[\w@./-]+\.[cm]?[jt]s$/.test(main) ? main : undefined;
  } catch {
    return undefined;
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
