// `keeptrace doctor`: gathers facts, has them checked, and says what was found in the form that was asked for.
import { arch, platform, release } from 'node:os';
import { parseArgs } from 'node:util';
import { effectiveSettings } from '../effective.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { paintFor } from '../paint.ts';
import { stdio } from '../stdio.ts';
import { diagnose, exitCodeOf } from './diagnose.ts';
import { gatherFacts, thisWorld, type World } from './facts.ts';
import { notesOf, unreadEnvFile } from './notes.ts';
import type { Outcome } from './outcome.ts';
import { asJson, asReport } from './report.ts';
import { asText } from './text.ts';

const HELP = `keeptrace doctor [options]

Finds out why no traces arrive: checks the settings of this environment, asks the endpoint to take a batch without spans,
and says for each thing it finds where it comes from and what to write instead. Takes under three seconds.

  --env-file <file>  variables of a file, laid under the environment as node --env-file does; may be repeated
  --json             for machines
  --report           Markdown to paste into an issue; it holds no secret
  --help

Exit code: 0 nothing found, 1 warnings, 2 errors. Every code is explained in docs/doctor.md.`;

const OPTIONS = {
  'env-file': { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  report: { type: 'boolean', default: false },
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
    return stdio.err(`keeptrace doctor: ${(error as Error).message}`);
  }
  const outcome = await visit(thisWorld(environment), options['env-file']);
  if (options.json) stdio.out(asJson(outcome));
  else if (options.report) stdio.out(asReport(outcome));
  else stdio.out(asText(outcome, paintFor(process.stdout, process.env)));
  return outcome.exitCode;
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
}

/** @param files those that were asked for */
export async function visit(world: World, files: readonly string[]): Promise<Outcome> {
  const facts = await gatherFacts(world);
  const findings = diagnose(facts);
  const { environment, cwd, nodeVersion } = world;
  const unread = unreadEnvFile(cwd, files);
  return {
    findings,
    notes: notesOf(facts),
    unseen: [
      ...(unread === undefined ? [] : [unread]),
      'what initTracing() is given in code, and what the application loads: npx keeptrace doctor -- node server.js',
    ],
    settings: effectiveSettings(facts.resolved, environment).filter(({ isDefault }) => !isDefault),
    versions: { keeptrace: __VERSION__, node: nodeVersion, system: `${platform()} ${release()} ${arch()}` },
    exitCode: exitCodeOf(findings),
  };
}
