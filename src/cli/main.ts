#!/usr/bin/env node
// `npx keeptrace <command>`: picks the command and loads it alone.
import { stdio } from './stdio.ts';

interface Command {
  run(args: readonly string[]): Promise<number>;
}

const COMMANDS: Record<string, { sentence: string; load(): Promise<Command> }> = {
  dev: {
    sentence: 'show the traces of the services on this machine, and which of them production would keep',
    load: () => import('./dev/command.ts'),
  },
  doctor: {
    sentence: 'find out why no traces arrive: check the settings and the endpoint, or run an application',
    load: () => import('./doctor/command.ts'),
  },
  settings: {
    sentence: 'print every effective setting, and where it comes from',
    load: () => import('./settings.ts'),
  },
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v') return stdio.out(__VERSION__);
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return stdio.out(usage());
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) return stdio.err(`keeptrace: there is no command "${name}"\n\n${usage()}`);
  return (await command.load()).run(rest);
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, { sentence }]) => `  ${name.padEnd(10)}${sentence}`);
  return `keeptrace <command> [options]\n\n${lines.join('\n')}\n\nkeeptrace <command> --help tells the options of one.`;
}

process.exitCode = await main(process.argv.slice(2));
