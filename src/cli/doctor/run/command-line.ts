// Owns the reading of the command: which file Node runs, and whether the command loads keeptrace by itself.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

export interface CommandLine {
  /** The entry file, when it is plain to see. */
  entry: string | undefined;
  /** `--import keeptrace/register` or the like is in it. */
  preloads: boolean;
}

const PRELOAD = /keeptrace\/(?:register|dist\/(?:esm|cjs)\/register)/;
/** Of Node's flags, those whose value is an argument of its own. */
const WITH_VALUE =
  /^(?:-r|-C|--require|--import|--loader|--experimental-loader|--conditions|--env-file|--env-file-if-exists|--inspect-port)$/;

export function readCommand(command: readonly string[], env: NodeJS.ProcessEnv, cwd: string): CommandLine {
  const words = wordsOf(command, cwd);
  const preloads = PRELOAD.test([...words, env.NODE_OPTIONS ?? ''].join(' ').replaceAll('\\', '/'));
  return { entry: isNode(words[0]) ? entryOf(words.slice(1), cwd) : undefined, preloads };
}

/** Files of variables that the command has Node read; `--env-file-if-exists` only where they are there. */
export function envFilesOf(command: readonly string[], cwd: string): string[] {
  const words = wordsOf(command, cwd);
  if (!isNode(words[0])) return [];
  const files: string[] = [];
  for (let at = 1; at < words.length && words[at]!.startsWith('-'); at++) {
    const [, flag, value] = /^(--env-file(?:-if-exists)?)(?:=(.*))?$/.exec(words[at]!) ?? [];
    if (flag !== undefined) {
      const file = value ?? words[++at] ?? '';
      if (flag === '--env-file' || existsSync(resolve(cwd, file))) files.push(file);
    } else if (WITH_VALUE.test(words[at]!)) at++;
  }
  return files;
}

/** What `npm start` stands for is in package.json. */
function wordsOf(command: readonly string[], cwd: string): readonly string[] {
  const [file = '', ...args] = command;
  if (!/^(?:npm|pnpm|yarn)(?:\.cmd)?$/.test(basename(file))) return command;
  const [name] = args.filter((word) => !word.startsWith('-') && word !== 'run' && word !== 'run-script');
  try {
    const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'));
    return String(scripts?.[name ?? ''])
      .trim()
      .split(/\s+/);
  } catch {
    return command;
  }
}

const isNode = (file = ''): boolean => file === process.execPath || /^node(?:\.exe)?$/.test(basename(file));

function entryOf(args: readonly string[], cwd: string): string | undefined {
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (WITH_VALUE.test(word)) at++;
    else if (word === '-e' || word === '-p' || word === '--eval' || word === '--print') return undefined;
    else if (!word.startsWith('-')) return fileOf(resolve(cwd, word));
  }
  return undefined;
}

const ENDINGS = [
  '',
  '.js',
  '.mjs',
  '.cjs',
  '.ts',
  '.mts',
  '.cts',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
  '/index.ts',
];

/** The file behind a path without an ending, or with `.js` for a `.ts`. */
export function fileOf(path: string): string | undefined {
  for (const base of [path, path.replace(/\.([cm]?)js$/, '.$1ts')]) {
    for (const ending of ENDINGS) {
      if (existsSync(base + ending) && statSync(base + ending).isFile()) return base + ending;
    }
  }
  return undefined;
}

/** `type` of the nearest package.json decides about `.js`. */
export function isEsm(file: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (/\.c[jt]s$/.test(file)) return false;
  for (let at = dirname(file); ; at = dirname(at)) {
    try {
      return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')).type === 'module';
    } catch {
      if (dirname(at) === at) return false;
    }
  }
}
