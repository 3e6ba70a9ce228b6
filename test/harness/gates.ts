// What a run must show. Each gate is a sentence and a verdict; where chance plays a part, the bound is so wide that a
// sound library fails it less than once in 10,000 runs.
import { identity } from './identity.ts';
import type { FleetRun } from './run-fleet.ts';
import { pathKinds } from './service/plan.ts';
import { binomial, percent, wilson, within, Z9999 } from './statistics.ts';
import type { Tally } from './tally.ts';

export interface Gate {
  /** `G1` … as in docs/sampling.md. */
  id: string;
  ok: boolean;
  says: string;
}

export interface Strictness {
  /** Fewer faults than this prove nothing. */
  faults: number;
  /** Misses allowed in a share that is to be 99.9 %. */
  misses(n: number): number;
}

/** Exact at the size that the promise is made for. */
export const strict: Strictness = { faults: 3_000, misses: (n) => Math.floor(n / 1000) };
/** A few dozen faults: one miss may be bad luck with a machine that stood still, two are a fault of ours. */
export const brief: Strictness = { faults: 60, misses: () => 1 };

const HEAD = 0.1;

export interface Share {
  hits: number;
  n: number;
}

export function pathShare({ kinds }: Tally): Share {
  const chosen = kinds.filter(({ kind }) => pathKinds.includes(kind));
  return { hits: sum(chosen, 'path'), n: sum(chosen, 'n') };
}

export function mainGates(runs: FleetRun[], strictness: Strictness): Gate[] {
  const tallies = runs.map(({ tally }) => tally);
  return [
    localGate(runs),
    cleanGate(tallies),
    pathGate(tallies, strictness),
    clockGate(tallies),
    onwardGate(tallies, strictness),
    ...volumeGates(tallies, strictness),
    ...countGates(tallies),
  ];
}

function localGate(runs: FleetRun[]): Gate {
  const books = runs.flatMap(({ stats }) => [...stats].map(([service, value]) => identity(service, value)));
  const wrong = books.filter(({ problem }) => problem !== undefined);
  const expected = total(runs.map(({ tally }) => tally.triggers.expected));
  const missing = total(runs.map(({ tally }) => tally.triggers.missing));
  const counted = total(books.map(({ counted }) => counted));
  const examples = [
    ...runs.flatMap(({ tally }) => tally.triggers.examples),
    ...wrong.map(({ service, problem }) => `${service}: ${problem}`),
  ];
  return {
    id: 'G1',
    ok: expected > 0 && missing <= counted && wrong.length === 0,
    says:
      `${expected} fragments with a trigger of their own: ${expected - missing} exported whole, ${missing} not, of which ${Math.min(missing, counted)} counted as throttled, evicted or not delivered; ` +
      `identity exact in ${books.length - wrong.length} of ${books.length} processes${list(examples)}`,
  };
}

function cleanGate(tallies: Tally[]): Gate {
  const duplicates = total(tallies.map((tally) => tally.duplicates));
  const orphans = total(tallies.map((tally) => tally.orphans));
  const unexpected = total(tallies.map(({ leftOut }) => leftOut.unexpected));
  const requests = total(tallies.map((tally) => tally.requests));
  return {
    id: 'clean',
    ok: duplicates === 0 && orphans === 0 && unexpected <= Math.max(1, requests / 1000),
    says: `${duplicates} duplicates, ${orphans} spans without their parent in the same process, ${unexpected} errors that no plan explains${list(tallies.flatMap(({ leftOut }) => leftOut.examples))}`,
  };
}

export function pathGate(tallies: Tally[], strictness: Strictness): Gate {
  const shares = tallies.map(pathShare);
  const [hits, n] = [total(shares.map((share) => share.hits)), total(shares.map((share) => share.n))];
  const { low, high } = wilson(hits, n);
  return {
    id: 'G2',
    ok: n >= strictness.faults && n - hits <= strictness.misses(n),
    says: `path from the entry to the failure kept in ${hits} of ${n} synchronous errors, ${percent(hits / n)} (95 %: ${percent(low)} to ${percent(high)})`,
  };
}

/** What a slow request calls can be told so only if it is found slow while it still runs. */
function clockGate(tallies: Tally[]): Gate {
  const n = total(tallies.map(({ clock }) => clock.n));
  const kept = total(tallies.map(({ clock }) => clock.kept));
  return {
    id: 'clock',
    ok: n - kept <= Math.max(1, n / 20),
    says: `all that was called after the entry had turned slow is kept in ${kept} of ${n}`,
  };
}

function onwardGate(tallies: Tally[], strictness: Strictness): Gate {
  const n = total(tallies.map(({ onward }) => onward.n));
  const kept = total(tallies.map(({ onward }) => onward.kept));
  return {
    id: 'flag',
    ok: n > 0 && n - kept <= strictness.misses(n),
    says: `all that was called after the error was seen is kept in ${kept} of ${n}`,
  };
}

function volumeGates(tallies: Tally[], strictness: Strictness): Gate[] {
  const n = total(tallies.map(({ normal }) => normal.n));
  const kept = total(tallies.map(({ normal }) => normal.kept));
  const complete = total(tallies.map(({ normal }) => normal.complete));
  const forced = total(tallies.map(({ normal }) => normal.forced));
  const near = binomial(HEAD, n);
  return [
    {
      id: 'G7',
      ok: n > 0 && within((kept - forced) / n, binomial(HEAD, n, Z9999)),
      says: `normal traces kept: ${kept} of ${n}, ${percent(kept / n)} (10 % ± chance, 95 %: ${percent(near.low)} to ${percent(near.high)})`,
    },
    {
      id: 'G7',
      ok: kept - complete <= strictness.misses(kept),
      says: `of the normal traces kept, ${complete} are complete`,
    },
    {
      id: 'G7',
      ok: forced <= strictness.misses(n),
      says: `normal traces kept for no reason: ${forced} of ${n}, ${percent(forced / n)}`,
    },
  ];
}

function countGates(tallies: Tally[]): Gate[] {
  const counts = tallies.flatMap((tally) => tally.counts);
  const off = counts.map(({ weighted, handled, error }) => (weighted - handled) / error);
  const worst = off.reduce((a, b) => (Math.abs(a) > Math.abs(b) ? a : b), 0);
  const wrong = counts.filter(({ failed, weightedFailed }) => Math.abs(failed - weightedFailed) > 1e-6);
  return [
    {
      id: 'G8',
      ok: counts.length > 0 && Math.abs(worst) <= Z9999 + 0.5,
      says: `requests by service from exported weights: at most ${worst.toFixed(1)} standard errors off`,
    },
    {
      id: 'G8',
      ok: wrong.length === 0,
      says: `failed requests by service from exported weights: ${total(counts.map((count) => count.weightedFailed)).toFixed(1)} for ${total(counts.map(({ failed }) => failed))}, exact in ${counts.length - wrong.length} of ${counts.length} services${list(wrong.slice(0, 5).map((count) => `${count.service} ${count.weightedFailed.toFixed(1)} for ${count.failed}`))}`,
    },
  ];
}

/** A negative control must miss the promise by far; where it does not, the harness proves nothing. */
export function controlGate(name: string, run: FleetRun): Gate {
  const { hits, n } = pathShare(run.tally);
  const { high } = wilson(hits, n, Z9999);
  return {
    id: 'control',
    ok: n >= 30 && high < 0.95,
    says: `${name} must fail G2, and keeps the path of ${hits} of ${n}, ${percent(hits / n)}`,
  };
}

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);
const sum = <T>(rows: T[], key: { [K in keyof T]: T[K] extends number ? K : never }[keyof T]): number =>
  total(rows.map((row) => row[key] as number));
const list = (examples: string[]): string =>
  examples
    .slice(0, 8)
    .map((example) => `\n      ${example}`)
    .join('');
