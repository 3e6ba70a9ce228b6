// Reads the options of `keeptrace dev`; what cannot be read is a sentence with what may stand there.
import { parseArgs } from 'node:util';

export interface DevOptions {
  help: boolean;
  /** Undefined: 4318, or the next one free. */
  port: number | undefined;
  limit: number;
  ratio: number;
  slowMs: number;
  file: string | undefined;
  print: boolean;
  open: boolean;
  force: boolean;
  /** After `--`. */
  command: string[];
}

export const DEFAULT_PORT = 4318;

export const USAGE = `keeptrace dev [options] [-- command …]

Shows the traces that applications on this machine send, and which of them production would keep.
With a command: runs it with what it needs to send its traces here, and ends with its exit code.

  --port <n>      port on 127.0.0.1 and ::1; 0 for any        default 4318, or the next one free
  --limit <n>     traces held in memory                       default 500
  --ratio <0…1>   normal traffic that production keeps        default 0.1
  --slow-ms <n>   slower requests than this are kept          default 1000
  --file <path>   keep the traces in this file, and show those that are in it (OTLP, one JSON a line)
  --print         write each trace to the terminal, as a tree
  --open          open the page in a browser
  --force         run although NODE_ENV is production`;

export class UsageError extends Error {}

export function readOptions(args: readonly string[]): DevOptions {
  const at = args.indexOf('--');
  const command = at < 0 ? [] : args.slice(at + 1);
  const { values } = parse(at < 0 ? args : args.slice(0, at));
  if (at >= 0 && command.length === 0)
    throw new UsageError('after -- stands the command to run: keeptrace dev -- node server.js');
  return {
    help: values.help === true,
    port: values.port === undefined ? undefined : number('--port', values.port, 0, 65_535, true),
    limit: number('--limit', values.limit ?? '500', 1, 100_000, true),
    ratio: number('--ratio', values.ratio ?? '0.1', 0, 1, false),
    slowMs: number('--slow-ms', values['slow-ms'] ?? '1000', 1, 86_400_000, false),
    file: values.file,
    print: values.print === true,
    open: values.open === true,
    force: values.force === true,
    command,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string', short: 'p' },
        limit: { type: 'string' },
        ratio: { type: 'string' },
        'slow-ms': { type: 'string' },
        file: { type: 'string' },
        print: { type: 'boolean' },
        open: { type: 'boolean' },
        force: { type: 'boolean' },
      },
    });
  } catch (error) {
    const message = (error as Error).message.split('. ', 1)[0];
    throw new UsageError(`${message}. To run an application, put -- before it: keeptrace dev -- node server.js`);
  }
}

function number(name: string, text: string, min: number, max: number, whole: boolean): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  throw new UsageError(`${name} is a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not "${text}"`);
}
