// `keeptrace settings`: what counts for an application that is started here, and where each value comes from.
import { parseArgs } from 'node:util';
import type { Problem } from '../config/problems.ts';
import { readAppPackage } from './app-package.ts';
import { type EffectiveSetting, effectiveSettings } from './effective.ts';
import { type Environment, readEnvironment, resolveEnvironment } from './environment.ts';
import { masked } from './masked.ts';
import { type Paint, paintFor } from './paint.ts';
import { stdio } from './stdio.ts';

const HELP = `keeptrace settings [options]

Prints every effective setting with its unit and where it comes from: the environment, the nearest package.json, or the
default. What initTracing() is given in code is not seen here. Values of headers are never printed.

  --env-file <file>  variables of a file, laid under the environment as node --env-file does; may be repeated
  --changed          only what is not the default
  --json             for machines
  --help

Exit code: 0, or 1 when something is wrong with a setting, or 2 when the command cannot be understood.`;

const OPTIONS = {
  'env-file': { type: 'string', multiple: true, default: [] as string[] },
  changed: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export async function run(args: readonly string[]): Promise<number> {
  let environment: Environment;
  let options: ReturnType<typeof parse>;
  try {
    options = parse(args);
    if (options.help) return stdio.out(HELP);
    environment = readEnvironment(process.env, options['env-file']);
  } catch (error) {
    return stdio.err(`keeptrace settings: ${(error as Error).message}`);
  }
  const app = readAppPackage(process.cwd());
  const resolved = resolveEnvironment(environment, app);
  const settings = effectiveSettings(resolved, environment).filter(({ isDefault }) => !options.changed || !isDefault);
  const { problems, usable } = resolved;
  const paint = paintFor(process.stdout, process.env);
  stdio.out(
    options.json
      ? JSON.stringify(
          { version: __VERSION__, active: usable && resolved.settings.enabled, settings, problems },
          null,
          2,
        )
      : `${table(settings, paint)}${said(problems, paint)}`,
  );
  return problems.length > 0 ? 1 : 0;
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
}

/** Characters of a value; longer ones are cut at a terminal, and whole with `--json`. */
const WIDTH = 44;

function table(settings: readonly EffectiveSetting[], paint: Paint): string {
  const name = Math.max(...settings.map(({ option }) => option.length), 0);
  let group = '';
  const lines = settings.flatMap((one) => {
    const value = short(`${one.value}${one.unit === undefined ? '' : ` ${one.unit.replace('milliseconds', 'ms')}`}`);
    const from = one.isDefault ? paint('dim', one.from) : paint('cyan', one.from);
    const shown = one.isDefault ? value.padEnd(WIDTH) : paint('bold', value.padEnd(WIDTH));
    const line = `  ${one.option.padEnd(name)}  ${shown}  ${from}`;
    const head = one.group === group ? [] : [group === '' ? one.group : `\n${one.group}`];
    group = one.group;
    return [...head, line];
  });
  return lines.join('\n');
}

/** What somebody has set by hand is short enough, or worth its line. */
function short(value: string): string {
  return value.length > 2 * WIDTH ? `${value.slice(0, WIDTH - 1)}…` : value;
}

function said(problems: readonly Problem[], paint: Paint): string {
  const lines = problems.map(({ severity, code, message }) => {
    const mark = severity === 'error' ? paint('red', '✖') : paint('yellow', '▲');
    return `  ${mark} ${code}  ${masked(message)}`;
  });
  return lines.length === 0 ? '' : `\n\nProblems, explained in docs/errors.md\n${lines.join('\n')}`;
}
