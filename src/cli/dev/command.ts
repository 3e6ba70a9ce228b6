// `keeptrace dev`: from the options to a running viewer, and to the end of it.
import { stdio } from '../stdio.ts';
import { bannerText, productionText, runningText, takenText } from './banner.ts';
import { DEFAULT_PORT, type DevOptions, readOptions, USAGE, UsageError } from './options.ts';
import { installedPreload, scriptOf, sendsElsewhere } from './paste.ts';
import { startViewer, type Viewer } from './viewer.ts';

const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0';

export async function run(args: readonly string[]): Promise<number> {
  let options: DevOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    if (error instanceof UsageError) return stdio.err(`keeptrace dev: ${error.message}\n\n${USAGE}`);
    throw error;
  }
  if (options.help) return stdio.out(USAGE);
  if (process.env.NODE_ENV === 'production' && !options.force) return stdio.err(productionText);
  return serve(options);
}

async function serve(options: DevOptions): Promise<number> {
  const script = scriptOf(process.cwd());
  const port = options.port ?? DEFAULT_PORT;
  const defaultUrl = `http://localhost:${port}`;
  const elsewhere = sendsElsewhere(process.env, defaultUrl);
  const start = await startViewer({
    version: VERSION,
    port,
    exactPort: options.port !== undefined,
    limits: { traces: options.limit },
    ratio: options.ratio,
    slowMs: options.slowMs,
    paste: { ...(script === undefined ? {} : { script }), elsewhere },
    warn: (sentence) => stdio.err(`keeptrace dev: ${sentence}`),
  });
  if (start.kind === 'running') return stdio.out(runningText(start.url, start.version));
  if (start.kind === 'taken') return stdio.err(takenText(start.port));
  const { viewer } = start;
  stdio.out(
    bannerText({
      version: VERSION,
      url: viewer.url,
      insteadOf: viewer.insteadOf,
      script,
      elsewhere,
      installed: installedPreload(process.cwd()) !== undefined,
      ratio: options.ratio,
      slowMs: options.slowMs,
      restored: undefined,
    }),
  );
  return untilEnded(viewer);
}

/** The server keeps the process alive; a signal ends it at once, as it ends any process without handlers. */
const untilEnded = (_viewer: Viewer) => new Promise<number>(() => {});
