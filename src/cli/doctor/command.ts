// `keeptrace doctor`: gathers facts, has them checked, and says what was found in the form that was asked for.
import { arch, platform, release } from 'node:os';
import { parseArgs } from 'node:util';
import { effectiveSettings } from '../effective.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { paintFor } from '../paint.ts';
import { stdio } from '../stdio.ts';
import { checkAddedTracing } from './added-tracing.ts';
import { diagnose, exitCodeOf } from './diagnose.ts';
import { gatherFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { keepSecret, secretsOf } from './keep-secret.ts';
import { notesOf, unreadEnvFile } from './notes.ts';
import type { Outcome } from './outcome.ts';
import { asJson, asReport } from './report.ts';
import { envFilesOf } from './run/command-line.ts';
import type { RunResult } from './run/run.ts';
import { asText } from './text.ts';
import { thisWorld, type World } from './world.ts';

/** Long enough to start an application and to use it by hand. */
const SECONDS = 20;
const TRACES = 5;

const HELP = `keeptrace doctor [options]
keeptrace doctor [options] -- node server.js

Finds out why no traces arrive: checks the settings of this environment, asks the endpoint to take a batch without spans,
and says for each thing it finds where it comes from and what to write instead. Takes under three seconds.

With a command it also runs that application, with a receiver of its own for its spans, and follows them on their way:
loaded, patched, started, ended, kept, exported, accepted. Use the application meanwhile.

  --env-file <file>  variables of a file, laid under the environment as node --env-file does; may be repeated
  --seconds <n>      the application is stopped after that, default ${SECONDS}
  --traces <n>       or after so many traces, default ${TRACES}
  --json             for machines
  --report           Markdown to paste into an issue; it holds no secret
  --help

Exit code: 0 nothing found, 1 warnings, 2 errors. Every code is explained in docs/doctor.md.`;

const OPTIONS = {
  'env-file': { type: 'string', multiple: true, default: [] as string[] },
  seconds: { type: 'string', default: String(SECONDS) },
  traces: { type: 'string', default: String(TRACES) },
  json: { type: 'boolean', default: false },
  report: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export async function run(args: readonly string[]): Promise<number> {
  let environment: Environment;
  let files: string[];
  let options: ReturnType<typeof parse>;
  try {
    options = parse(args);
    if (options.help) return stdio.out(HELP);
    // What the command has Node read holds for the application, too.
    files = [...options['env-file'], ...envFilesOf(options.command, process.cwd())];
    environment = readEnvironment(process.env, files);
  } catch (error) {
    return stdio.err(`keeptrace doctor: ${(error as Error).message}`);
  }
  const { command, seconds, traces, json, report } = options;
  const output = json || report ? ('stderr' as const) : ('inherit' as const);
  const outcome = await visit(thisWorld(environment), files, {
    run: command.length > 0 ? { command, seconds, traces, output } : undefined,
  });
  if (json) stdio.out(asJson(outcome));
  else if (report) stdio.out(asReport(outcome));
  else stdio.out(asText(outcome, paintFor(process.stdout, process.env), process.stdout.columns));
  return outcome.exitCode;
}

function parse(args: readonly string[]) {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  const { values, positionals } = parseArgs({ args: [...own], options: OPTIONS, strict: true, allowPositionals: true });
  const [first] = positionals;
  if (first !== undefined) throw new Error(`write -- before the command: keeptrace doctor -- ${positionals.join(' ')}`);
  const command = end === -1 ? [] : args.slice(end + 1);
  if (end !== -1 && command.length === 0) throw new Error('there is no command after --');
  const number = (name: 'seconds' | 'traces'): number => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} takes a number above 0`);
    return value;
  };
  return { ...values, command, seconds: number('seconds'), traces: number('traces') };
}

interface Application {
  command: readonly string[];
  seconds: number;
  traces: number;
  /** Where its stdout goes; the report of a machine has stdout for itself. */
  output: 'inherit' | 'stderr' | 'ignore';
}

/** @param files those that were asked for */
export async function visit(
  world: World,
  files: readonly string[],
  { run: application }: { run?: Application | undefined } = {},
): Promise<Outcome> {
  const [facts, ran] = await Promise.all([gatherFacts(world), application && follow(application, world)]);
  const findings = diagnose(facts, ran?.findings);
  const { environment, cwd, nodeVersion } = world;
  const unread = unreadEnvFile(cwd, files);
  // Notes are made of settings alone: a tenant in a header may have the name of the service.
  const said = { findings, ...(ran && { stages: ran.stages }) };
  return {
    ...keepSecret(said, secretsOf(facts.resolved.settings, application?.command ?? [])),
    notes: notesOf(facts),
    unseen: [...(unread === undefined ? [] : [unread]), ...(ran ? [] : [CODE_UNSEEN])],
    settings: effectiveSettings(facts.resolved, environment).filter(({ isDefault }) => !isDefault),
    versions: { keeptrace: __VERSION__, node: nodeVersion, system: `${platform()} ${release()} ${arch()}` },
    exitCode: exitCodeOf(findings),
  };
}

const CODE_UNSEEN =
  'what initTracing() is given in code, and what the application loads: npx keeptrace doctor -- node server.js';

async function follow({ command, ...limits }: Application, { environment, cwd }: World): Promise<RunResult> {
  const { runApplication } = await import('./run/run.ts');
  const { seconds, traces } = limits;
  // Without the command, whose arguments may hold a secret.
  stdio.err(
    `keeptrace doctor: the application runs for ${seconds} s, or until ${traces} traces have ended. Use it now.`,
  );
  const env = { ...environment.variables };
  const result = await runApplication(command, { ...limits, env, cwd });
  if (result.exitCode !== undefined) {
    stdio.err(`keeptrace doctor: the application ended with exit code ${result.exitCode}.`);
  }
  const findings = [...result.findings, ...checkAddedTracing(command, env, cwd)];
  // Whoever runs without tracing is told once, and why.
  return { ...result, findings: findings.filter(isFirst) };
}

function isFirst({ code }: Finding, index: number, all: readonly Finding[]): boolean {
  return code !== 'NO_TRACING' || all.findIndex((one) => one.code === code) === index;
}
