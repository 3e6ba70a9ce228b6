// Runs the apps of fixtures/logs under the preload and gives the lines they wrote beside the spans they sent.
import { resolve } from 'node:path';
import { type ReceivedSpan, startReceiver } from '../../src/receiver/server.ts';
import { runApp } from '../support/processes.ts';

export type Line = Record<string, unknown>;

export interface Logged {
  lines: Line[];
  spans: ReceivedSpan[];
  stdout: string;
  stderr: string;
}

export interface LogApp {
  script: string;
  flag: '--import' | '--require';
}

/** The ways in; named imports, default imports and `require`. */
export const logApps: LogApp[] = [
  { script: 'app.mjs', flag: '--import' },
  { script: 'defaults.mjs', flag: '--require' },
  { script: 'app.cjs', flag: '--require' },
  { script: 'app.cjs', flag: '--import' },
];

export const loggers = ['pino', 'winston', 'bunyan', 'console'];

export async function runLogApp({ script, flag }: LogApp, env: Record<string, string> = {}, node?: string) {
  const receiver = await startReceiver();
  try {
    const app = runApp({
      args: [flag, 'keeptrace/register', resolve(import.meta.dirname, 'fixtures/logs', script)],
      env: { OTEL_SERVICE_NAME: 'logs', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
      ...(node === undefined ? {} : { node }),
    });
    const { code, signal } = await app.exit;
    if (code !== 0) throw new Error(`the app ended with ${signal ?? code}:\n${app.stderr()}`);
    return { lines: parsed(app.stdout()), spans: [...receiver.spans], stdout: app.stdout(), stderr: app.stderr() };
  } finally {
    await receiver.close();
  }
}

function parsed(stdout: string): Line[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

/** `before`, `inside`, … to the line of one logger. */
export function linesOf({ lines }: Logged, logger: string): Record<string, Line> {
  return Object.fromEntries(lines.filter((line) => line.logger === logger).map((line) => [line.where, line]));
}

export function spanOf({ spans }: Logged, logger: string): ReceivedSpan {
  const span = spans.find(({ name }) => name === `work of ${logger}`);
  if (span === undefined) throw new Error(`no span of ${logger} among ${spans.map(({ name }) => name).join(', ')}`);
  return span;
}
