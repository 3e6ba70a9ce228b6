// Owns the door: what must hold before any OpenTelemetry package is loaded, and that nothing behind it can hurt the app.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TracingOptions } from './config/options.ts';
import { noSampling } from './sampling/sampling-stats.ts';
import { say } from './say.ts';
import { runningTracing, setRunningTracing, type Tracing } from './tracing.ts';
import { isForeign } from './workers.ts';

const require = createRequire(import.meta.url);

/** What src/init-tracing.ts exports, told here so that the published types do not reach into the whole house. */
interface Conductor {
  startTracing(options: TracingOptions | undefined): Tracing | undefined;
}

/**
 * Starts tracing, once per thread. Everything that can fail is loaded here and not imported above: a wrong version of
 * `@opentelemetry/api` fails at link time, where no try/catch reaches, and would take the app down with it.
 *
 * @throws ConfigError when `options` themselves are wrong; never for the environment's sake
 */
export function start(options: TracingOptions | undefined): Tracing {
  const running = runningTracing();
  if (running !== undefined) {
    const ignored = Object.keys(options ?? {}).join(', ');
    if (ignored !== '') {
      say(
        `tracing runs already, so the options of this second initTracing() are ignored: ${ignored}. Give them where tracing starts first, or as environment variables when it is started by keeptrace/register.`,
      );
    }
    return running;
  }
  if (isForeign(process.argv[1])) return setRunningTracing(inert());
  const obstacle = nodeObstacle(process.versions.node) ?? apiObstacle();
  if (obstacle !== undefined) {
    say(`${obstacle} The app runs untraced.`);
    return setRunningTracing(inert());
  }
  try {
    const { startTracing } = require('./init-tracing.js') as Conductor;
    return setRunningTracing(startTracing(options) ?? inert());
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    if (code === 'KEEPTRACE_CONFIG') throw error;
    if (code === 'KEEPTRACE_DESTINATION') {
      say(`${firstLine(error)} The app runs untraced.`);
      return setRunningTracing(inert());
    }
    say(
      `tracing could not start: ${firstLine(error)}. The app runs untraced. If the app is bundled, mark keeptrace and @opentelemetry/* as external.`,
    );
    return setRunningTracing(inert());
  }
}

/** @returns a sentence, or undefined when this Node will do */
export function nodeObstacle(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return undefined;
  return `Node ${version} is too old, tracing needs Node 22.15 or newer.`;
}

/** @returns a sentence, or undefined when the one copy of the API that counts is of a version the SDK can register with */
function apiObstacle(): string | undefined {
  let found: string | undefined;
  try {
    found = packageVersion(require.resolve('@opentelemetry/api'));
  } catch {
    return 'the package @opentelemetry/api is not installed. Run: npm install @opentelemetry/api@1.10.';
  }
  if (found !== undefined && !/^1\.10\./.test(found)) {
    return `@opentelemetry/api ${found} is installed, tracing needs >=1.10.0 <1.11.0. Run: npm install @opentelemetry/api@1.10.`;
  }
  const global = (globalThis as Record<symbol, { version?: string } | undefined>)[Symbol.for('opentelemetry.js.api.1')];
  if (global?.version !== undefined && global.version !== found) {
    return `another copy of @opentelemetry/api (${global.version}) was registered before keeptrace (${found ?? 'unknown'}), and the first one wins. Load keeptrace first, or bring both to one version with npm dedupe.`;
  }
  return undefined;
}

function packageVersion(file: string): string | undefined {
  for (let at = dirname(file); dirname(at) !== at; at = dirname(at)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as Record<string, string>;
      if (name === '@opentelemetry/api') return version;
    } catch {
      // No package.json at this level.
    }
  }
  return undefined;
}

/** Tracing that is off: the same handle, so that no caller needs a check. */
function inert(): Tracing {
  const nothing = { flushed: 0, spooled: 0, dropped: 0 };
  const stats = { ended: 0, accepted: 0, rejected: 0, dropped: {}, queued: 0, spooled: 0 };
  const recovered = { accepted: 0, rejected: 0, dropped: 0 };
  return {
    active: false,
    settings: undefined,
    flush: async () => ({ ...nothing }),
    shutdown: async () => ({ ...nothing }),
    stats: () => ({ ...stats, dropped: {}, recovered: { ...recovered }, sampling: noSampling() }),
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
