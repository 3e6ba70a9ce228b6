// The first lines of the command: where the page is, and the exact line that brings an application's traces to it. Pure.
import { pasteLines } from './paste.ts';

export interface BannerFacts {
  version: string;
  url: string;
  /** The port that was wanted and taken. */
  insteadOf: number | undefined;
  script: string | undefined;
  elsewhere: boolean;
  /** Whether keeptrace can be loaded from the working folder. */
  installed: boolean;
}

export function bannerText(facts: BannerFacts): string {
  const { version, url, insteadOf, script, elsewhere, installed } = facts;
  const paste = pasteLines({ url, ...(script === undefined ? {} : { script }), elsewhere });
  const lines = [`keeptrace dev ${version}: ${url}`, ''];
  if (insteadOf !== undefined) {
    lines.push(
      `Port ${insteadOf} is taken by another program, which gets what is sent to the default address. So say this one:`,
      '',
    );
  } else lines.push('Start your application like this, in a terminal of its own:', '');
  if (!installed) lines.push('  npm install keeptrace @opentelemetry/api');
  lines.push(
    `  ${paste.preload}`,
    '',
    `Or let this command start it:  npx keeptrace dev -- node ${script ?? 'server.js'}`,
    `Any OpenTelemetry SDK:         ${paste.env}`,
  );
  return `${lines.join('\n')}\n`;
}

export const runningText = (url: string, version: string): string =>
  `keeptrace dev ${version} is already running: ${url}\nFor a second one give it a port: npx keeptrace dev --port 0`;

export const takenText = (port: number): string =>
  `keeptrace dev: port ${port} is taken by another program. Without --port the next free one is used.`;

export const productionText = [
  'keeptrace dev: NODE_ENV is production, and this shows what applications do to everyone on this machine.',
  'If that is what you want: keeptrace dev --force',
].join('\n');
