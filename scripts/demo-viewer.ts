// The viewer as the backend of the shop: it holds every trace of the demo, and the spans for the report.
import { startViewer } from '../src/cli/dev/viewer.ts';
import type { ReceivedSpan } from '../src/receiver/received-span.ts';
import { SLOW_MS, type Story } from './demo-report.ts';

export interface DemoViewer {
  url: string;
  /** In order of arrival. */
  spans: ReceivedSpan[];
  close(): Promise<void>;
}

/** @param stays whether people will look at it: then at the usual port, unless that is taken */
export async function startDemoViewer(stays: boolean): Promise<DemoViewer> {
  const spans: ReceivedSpan[] = [];
  const start = (port: number) =>
    startViewer({
      version: 'demo',
      port,
      exactPort: false,
      limits: { traces: 5_000 },
      ratio: 0.1,
      slowMs: SLOW_MS,
      onSpans: (some) => void spans.push(...some),
      warn: (sentence) => console.error(sentence),
    });
  const first = await start(stays ? 4318 : 0);
  // Another viewer is somebody's own, and no place for what a shop in a demo does.
  const started = first.kind === 'started' ? first : await start(0);
  if (started.kind !== 'started') throw new Error('no port is free on 127.0.0.1 and ::1');
  const { viewer } = started;
  return { url: viewer.url, spans, close: viewer.close };
}

export function waysIn(url: string, { normal, failed, slow, dead }: Story): string {
  const row = (title: string, { spans }: { spans: ReceivedSpan[] }) =>
    `  ${title.padEnd(18)}${url}/#${spans[0]?.traceId}`;
  return [
    `Look at them: ${url}`,
    '',
    row('the normal order', normal),
    row('the failed order', failed),
    row('the slow order', slow),
    row('the bad receipt', dead),
    '',
    'Ctrl-C ends the demo.',
  ].join('\n');
}
