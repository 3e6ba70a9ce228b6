// What is asked for beside the page: traces in a file, traces on the terminal.
import type { WriteStream } from 'node:tty';
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { DevOptions } from './options.ts';
import { Printer } from './printer.ts';
import type { StoreEvents } from './store.ts';
import { TraceFile } from './trace-file.ts';
import type { Viewer } from './viewer.ts';

export interface Extras {
  /** Whether anything was asked for. */
  any: boolean;
  watcher: StoreEvents;
  append(spans: ReceivedSpan[]): void;
  clear(): void;
  /** Reads the file back. What is in it is not printed. */
  attach(viewer: Viewer): Promise<void>;
  /** Prints and writes what waits. */
  endSync(): void;
}

type Out = Pick<WriteStream, 'write' | 'isTTY' | 'hasColors' | 'writableLength'>;

export function startExtras({ print, file: path, slowMs }: DevOptions, out: Out): Extras {
  let viewer: Viewer | undefined;
  let restoring = false;
  const warn = (sentence: string) => void process.stderr.write(`keeptrace dev: ${sentence}\n`);
  const printer = print
    ? new Printer({
        summary: (trace) => viewer!.summaries.of(trace),
        url: () => viewer!.url,
        slowMs,
        colour: out.isTTY === true && out.hasColors(),
        write: (text) => void out.write(text),
        waiting: () => out.writableLength,
      })
    : undefined;
  const file =
    path === undefined
      ? undefined
      : new TraceFile({
          path,
          held: () =>
            viewer!.store
              .list()
              .reverse()
              .map((trace) => trace.spans.values()),
          warn,
        });

  return {
    any: print || path !== undefined,
    watcher: {
      changed: (trace) => {
        if (!restoring) printer?.changed(trace);
      },
      evicted: (traceId) => printer?.evicted(traceId),
      cleared: () => printer?.cleared(),
    },
    append: (spans) => file?.append(spans),
    clear: () => file?.clear(),
    async attach(started) {
      viewer = started;
      if (file === undefined) return;
      await file.restore((spans) => {
        restoring = true;
        started.store.add(spans);
        restoring = false;
      });
      if (started.store.size > 0) out.write(`${started.store.size} traces read from ${path}.\n\n`);
    },
    endSync() {
      printer?.flush();
      file?.flushSync();
    },
  };
}
