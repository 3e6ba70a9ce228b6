// Owns trace ids on the lines of `console`. Node hands the arguments of each call to a diagnostics channel before it prints
// them, and prints what is in the array afterwards, so that nothing has to be patched.
import { Console } from 'node:console';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';

/** The fields of the active span; undefined outside any. */
export type LineFields = () => object | undefined;

interface Channels {
  subscribe: typeof subscribe;
  unsubscribe: typeof unsubscribe;
}

const methods = ['log', 'info', 'warn', 'error', 'debug'];

/**
 * From now on, what any `Console` prints inside a span carries the ids. Never throws.
 *
 * @returns what is to be said when this Node does not hand its arguments out
 */
export function joinConsole(
  fields: LineFields,
  channels: Channels = { subscribe, unsubscribe },
): { message: string }[] {
  if (!handsOut(channels)) {
    return [
      {
        message: `console lines stay without trace ids, because Node ${process.versions.node} does not publish them on its diagnostics channels. Take KEEPTRACE_LOG_CONSOLE out, or spread traceFields() into what is logged.`,
      },
    ];
  }
  const add = (args: unknown): void => {
    try {
      const found = fields();
      if (found !== undefined) addFields(args as unknown[], found);
    } catch {
      // A subscriber that throws would end the process.
    }
  };
  for (const method of methods) channels.subscribe(`console.${method}`, add);
  return [];
}

/** Tried, not looked up: the channels are not yet a stable part of Node. */
function handsOut(channels: Channels): boolean {
  const probe = (args: unknown): void => {
    if (Array.isArray(args)) args.push('seen');
  };
  let printed = '';
  const sink = new Writable({
    write(chunk, _, done) {
      printed += String(chunk);
      done();
    },
  });
  try {
    channels.subscribe('console.debug', probe);
    new Console(sink).debug('');
    channels.unsubscribe('console.debug', probe);
  } catch {
    return false;
  }
  return printed.includes('seen');
}

/**
 * Writes `fields` into what is about to be printed: as members of a text that is JSON, else as `name=value` behind the
 * text. A format string stays the one that it was, and a line that has the ids already stays as it is.
 */
export function addFields(args: unknown[], fields: object): void {
  const [first] = args;
  if (args.length === 0 || first === '') return;
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
  if (typeof first !== 'string') args.push(text);
  else if (args.length === 1) args[0] = withFields(first, fields, text);
  // Behind all the others, it would be taken for the value of a placeholder.
  else if (first.includes('%')) args[0] = `${first} ${text}`;
  else args.push(text);
}

function withFields(line: string, fields: object, text: string): string {
  const [id] = Object.values(fields);
  if (line.includes(String(id))) return line;
  const end = line.trimEnd().length;
  if (/^\{\s*"/.test(line) && line[end - 1] === '}') return `${JSON.stringify(fields).slice(0, -1)},${line.slice(1)}`;
  return `${line.slice(0, end)} ${text}${line.slice(end)}`;
}
