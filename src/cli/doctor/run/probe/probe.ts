// Preloaded into every thread of the app: looks on, writes what it saw to a file, and never gets in the way. It loads
// nothing but built-in modules, throws nothing, and holds nothing: what it cannot find out stays unknown.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as threads from 'node:worker_threads';
import type { ThreadFacts } from '../facts.ts';
import { apiFacts, watchRefusals } from './api.ts';
import { watchDescendants } from './descendants.ts';
import { watchExit } from './exits.ts';
import { watchExports } from './exports.ts';
import { loadedPackages, watchModules } from './modules.ts';
import { quietly } from './quietly.ts';
import { watchSpans } from './spans.ts';
import { tracingFacts } from './tracing.ts';
import { appFrame, deepError, setHome } from './where.ts';

const EVERY_MS = 200;
/** Taken before an app can put something else in their place. */
const { stringify } = JSON;
const every = setInterval;
const later = setImmediate;

/**
 * @param folder where the files of facts go
 * @param home the folder of keeptrace's own files
 */
export function watch(folder: string, home: string): void {
  quietly(() => {
    const { isMainThread, threadId } = threads;
    // The thread of asynchronous loader hooks is none of the app's, and runs what is preloaded by --require.
    if ((threads as { isInternalThread?: boolean }).isInternalThread) return;
    setHome(home);
    const file = join(folder, `${process.pid}-${threadId}.json`);
    const modules = watchModules();
    const spans = watchSpans();
    const exports = watchExports(written);
    const descendants = watchDescendants();
    const refused = new Set<string>();
    let provider: unknown;
    let startedBy: string | undefined;
    let last = '';

    subscribe('keeptrace:instrumentations', (message) =>
      quietly(() => {
        const ready = message as { list: unknown[]; provider: unknown; late?: string[] };
        provider = ready.provider;
        startedBy = appFrame(deepError()) ?? 'keeptrace/register';
        modules.take(ready.list, ready.late);
        spans.attach(provider);
        watchRefusals(refused);
        write();
      }),
    );
    const exit = watchExit(exports, written);

    function facts(): ThreadFacts {
      return {
        pid: process.pid,
        parentPid: process.ppid,
        threadId: isMainThread ? 0 : threadId,
        node: process.versions.node,
        script: process.argv[1],
        tracing: quietly(() => tracingFacts(startedBy, modules.instrumentations())),
        api: quietly(() => apiFacts(provider)),
        refused: [...refused],
        modules: quietly(() => modules.facts()) ?? [],
        packages: quietly(loadedPackages) ?? [],
        spans: spans.facts(),
        failures: exports.failures(),
        exit: exit(),
        ...descendants(),
      };
    }

    function write(): void {
      const text = stringify(facts());
      if (text === last) return;
      last = text;
      writeFileSync(file, text);
    }

    /** Something at the very end, when no timer comes any more. */
    function written(): void {
      quietly(write);
    }

    every(written, EVERY_MS).unref();
    // What was preloaded is in place by then.
    later(written).unref();
  });
}
