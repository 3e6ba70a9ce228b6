// Counting each service for itself: at 10 %, 2 % of one service's requests is four standard errors only from 360,000
// requests on. That many do not go over HTTP, so here the services make their own, see service/counted.ts.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { weightOf } from './fragments.ts';
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';
import { signed } from './phase-count.ts';
import { secretFrom } from './random.ts';
import type { CountedAnswer, CountedOrder, Fate } from './service/counted.ts';
import { percent, Z9999 } from './statistics.ts';

export interface ExtrapolationPhase {
  install: Install;
  seed: string;
  services: number;
  /** By each of them. */
  requests: number;
  preload?: string[];
  progress?: (done: number) => void;
}

const HEAD = 0.1;
/** What is asked of a service for itself, once it has handled enough. */
const CLOSE = 0.02;
/** 2 % must be this many standard errors to be asked: less, and chance alone breaks it. */
const ENOUGH = 3.5;
const mixed = { errors: 0.02, slow: 0.003, slowMs: 300, keepBudget: 'off' } as const;
/** Many times what the budget lets through, on a slow machine, too. */
const storm = { errors: 0.6, slow: 0, slowMs: 60_000, keepBudget: 1_000 } as const;

export async function extrapolationPhase(options: ExtrapolationPhase): Promise<{ gates: Gate[] }> {
  const { seed, services, requests, progress } = options;
  const answers: CountedAnswer[] = [];
  for (let at = 0; at < services; at++) {
    answers.push(await run(options, { ...mixed, requests, secret: secretFrom(`${seed} counted ${at}`) }));
    progress?.((at + 1) * requests);
  }
  const throttled = await run(options, { ...storm, requests, secret: secretFrom(`${seed} throttled`) });
  return { gates: [...mixedGates(answers), stormGate(throttled)] };
}

function run({ install, preload = [] }: ExtrapolationPhase, order: CountedOrder): Promise<CountedAnswer> {
  const script = join(dirname(install.service), 'counted.ts');
  const child = spawn(
    process.execPath,
    [...preload.flatMap((file) => ['--import', file]), script, JSON.stringify(order)],
    {
      cwd: install.folder,
      env: { PATH: process.env.PATH ?? '', OTEL_SERVICE_NAME: 'counted', NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4_000);
  });
  return new Promise((resolve, reject) => {
    let answer: CountedAnswer | undefined;
    child.on('message', (message: 'ready' | CountedAnswer) => {
      if (message === 'ready') child.send('count');
      else answer = message;
    });
    child.once('error', reject);
    child.once('close', () =>
      answer === undefined ? reject(new Error(`it counted nothing\n${stderr}`)) : resolve(answer),
    );
  });
}

const handledBy = ({ handled }: CountedAnswer): number => handled.ok + handled.error + handled.slow;
const weigh = ({ exported }: CountedAnswer, fate: Fate): number =>
  Object.entries(exported[fate]).reduce((sum, [state, spans]) => sum + spans * weightOf({ traceState: state }), 0);
const weighAll = (answer: CountedAnswer): number =>
  weigh(answer, 'ok') + weigh(answer, 'error') + weigh(answer, 'slow');
const exact = (answer: CountedAnswer, fate: Fate): boolean =>
  Math.abs(weigh(answer, fate) - answer.handled[fate]) < 1e-6;

/** Only the requests that nothing forces are left to chance. */
const standardError = ({ handled }: CountedAnswer): number => Math.sqrt(((1 - HEAD) / HEAD) * handled.ok);

export function mixedGates(answers: CountedAnswer[]): Gate[] {
  const offs = answers.map((answer) => weighAll(answer) / handledBy(answer) - 1);
  const errors = answers.map((answer) => standardError(answer) / handledBy(answer));
  const far = offs.map((off, at) => Math.abs(off) / errors[at]!);
  const enough = errors.every((error) => CLOSE / error >= ENOUGH);
  const inexact = answers.filter((answer) => !exact(answer, 'error') || !exact(answer, 'slow'));
  const lost = answers.reduce((sum, answer) => sum + answer.lost, 0);
  const count = (fate: Fate) => answers.map(({ handled }) => handled[fate]).join(', ');
  return [
    {
      id: 'G8',
      ok:
        answers.length > 0 && Math.max(...far) <= Z9999 + 0.5 && (!enough || Math.max(...offs.map(Math.abs)) <= CLOSE),
      says:
        `requests of single services from exported weights, ${handledBy(answers[0]!)} each: ` +
        `${offs.map(signed).join(', ')}; at most ${Math.max(...far).toFixed(1)} standard errors of ±${(100 * Math.max(...errors)).toFixed(2)} %` +
        `${enough ? ', 2 % asked of each' : ''}`,
    },
    {
      id: 'G8',
      ok: inexact.length === 0 && lost === 0 && answers.every(({ handled }) => handled.error > 0 && handled.slow > 0),
      says: `errors (${count('error')}) and slow requests (${count('slow')}) of single services from exported weights: exact in ${answers.length - inexact.length} of ${answers.length}, ${lost} spans lost`,
    },
  ];
}

export function stormGate(answer: CountedAnswer): Gate {
  const { handled, sampling, seconds } = answer;
  const bias = weigh(answer, 'error') / handled.error - 1;
  // So few in a short run that chance has a share.
  const kept = Object.values(answer.exported.error).reduce((sum, spans) => sum + spans, 0);
  const bound = Math.max(0.05, Z9999 / Math.sqrt(kept));
  return {
    id: 'G8',
    ok: sampling.throttled > handled.error / 10 && Math.abs(bias) <= bound,
    says: `throttled, ${(handled.error / seconds).toFixed(0)} errors/s at a budget of ${storm.keepBudget}: ${weigh(answer, 'error').toFixed(0)} for ${handled.error} errors from exported weights (${signed(bias)}, ${percent(bound, 1)} allowed)`,
  };
}
