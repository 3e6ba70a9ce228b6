// `keeptrace dev`: from the options to a running viewer, and to the end of it.
import { stdio } from '../stdio.ts';
import { appEnvironment, preloadFor } from './app-environment.ts';
import { bannerText, productionText, runningText, takenText } from './banner.ts';
import { beforeSignalsEnd, endWithReader } from './endings.ts';
import { type Extras, startExtras } from './extras.ts';
import { openBrowser } from './open-browser.ts';
import { DEFAULT_PORT, type DevOptions, readOptions, USAGE, UsageError } from './options.ts';
import { installedPreload, scriptOf, sendsElsewhere } from './paste.ts';
import { runCommand } from './run-command.ts';
import { startViewer, type Viewer, type ViewerStart } from './viewer.ts';

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
  // The output of an application is its own; what is said here goes beside it.
  const say = options.command.length > 0 ? process.stderr : process.stdout;
  const extras = startExtras(options, say);
  const start = await startViewer(viewerOptions(options, extras));
  if (start.kind === 'taken') return stdio.err(takenText(start.port));
  if (options.command.length > 0) return runApplication(options, start, extras);
  if (start.kind === 'running') return stdio.out(runningText(start.url, start.version));

  const { viewer } = start;
  endWithReader(process.stdout);
  stdio.out(bannerText({ ...bannerFacts(options), url: viewer.url, insteadOf: viewer.insteadOf }));
  if (options.open) openBrowser(viewer.url);
  if (extras.any) beforeSignalsEnd(() => extras.endSync());
  await extras.attach(viewer);
  return forever();
}

/** The server keeps the process alive, and a signal ends it as it ends any process. */
const forever = () => new Promise<never>(() => {});

async function runApplication(options: DevOptions, start: Exclude<ViewerStart, { kind: 'taken' }>, extras: Extras) {
  const viewer: Viewer | undefined = start.kind === 'started' ? start.viewer : undefined;
  const url = viewer?.url ?? (start.kind === 'running' ? start.url : '');
  await (viewer && extras.attach(viewer));
  const whose = viewer === undefined ? ' (the keeptrace dev that runs already)' : '';
  stdio.err(`keeptrace dev: traces of this application are at ${url}${whose}`);
  if (options.open) openBrowser(url);
  const env = appEnvironment(process.env, url, preloadFor(process.cwd()));
  const { code, signal, why } = await runCommand(options.command, env);
  if (why !== undefined) stdio.err(`keeptrace dev: ${why}`);
  extras.endSync();
  await viewer?.close();
  if (signal !== undefined) process.kill(process.pid, signal);
  return code;
}

function bannerFacts({ port }: DevOptions) {
  const folder = process.cwd();
  return {
    version: VERSION,
    script: scriptOf(folder),
    elsewhere: sendsElsewhere(process.env, `http://localhost:${port ?? DEFAULT_PORT}`),
    installed: installedPreload(folder) !== undefined,
  };
}

function viewerOptions(options: DevOptions, extras: Extras): Parameters<typeof startViewer>[0] {
  const { script, elsewhere } = bannerFacts(options);
  return {
    version: VERSION,
    port: options.port ?? DEFAULT_PORT,
    exactPort: options.port !== undefined,
    limits: { traces: options.limit },
    ratio: options.ratio,
    slowMs: options.slowMs,
    paste: { ...(script === undefined ? {} : { script }), elsewhere },
    onSpans: (spans) => extras.append(spans),
    onCleared: () => extras.clear(),
    watcher: extras.watcher,
    warn: (sentence) => stdio.err(`keeptrace dev: ${sentence}`),
  };
}
