// The way of a span as counts: where it stops is what the user wants to know first.
import { countOf, listOf } from './checks/finding.ts';
import type { RunFacts, TracingFacts } from './facts.ts';

export interface RunStage {
  name: 'loaded' | 'patched' | 'started' | 'ended' | 'kept' | 'exported' | 'accepted';
  /** Threads with tracing, modules, then spans. */
  count: number;
  detail?: string;
}

export function stagesOf(facts: RunFacts): RunStage[] {
  const active = facts.threads.filter(({ tracing }) => tracing?.active);
  const books = active.map(({ tracing }) => tracing!);
  const total = (of: (one: TracingFacts) => number) => books.reduce((sum, one) => sum + of(one), 0);
  const spans = (of: 'started' | 'ended') => active.reduce((sum, one) => sum + one.spans[of], 0);
  const patched = active.flatMap(({ modules }) => modules.filter((row) => row.patched));
  const names = new Set(patched.map(({ module, version }) => [module, version].filter(Boolean).join(' ')));
  const open = spans('started') - spans('ended');
  const accepted = total((one) => one.accepted);
  const rejected = total((one) => one.rejected);
  return [
    stage('loaded', active.length, loadedBy(facts, active.length)),
    stage('patched', names.size, listOf([...names], 12)),
    stage('started', spans('started')),
    stage('ended', spans('ended'), open > 0 ? `${open} still open` : ''),
    stage(
      'kept',
      total((one) => one.kept),
      keptBy(books),
    ),
    stage('exported', accepted + rejected, left(books)),
    stage('accepted', accepted, acceptedBy(facts, books, accepted)),
  ];
}

const stage = (name: RunStage['name'], count: number, detail = ''): RunStage =>
  detail === '' ? { name, count } : { name, count, detail };

function loadedBy({ app, threads }: RunFacts, active: number): string {
  const started = new Set(threads.flatMap(({ tracing }) => (tracing?.active ? (tracing.startedBy ?? []) : [])));
  if (active === 0) return '';
  const by = listOf([...started]);
  return app.starts === 'doctor'
    ? `by ${by}, which the doctor added: the app does not start tracing itself`
    : `by ${by}`;
}

function keptBy(books: readonly TracingFacts[]): string {
  const reasons: Record<string, number> = {};
  for (const { keptTraces } of books) {
    for (const [reason, traces] of Object.entries(keptTraces)) reasons[reason] = (reasons[reason] ?? 0) + traces;
  }
  const parts = Object.entries(reasons).map(([reason, traces]) => `${traces} by ${reason}`);
  const dropped = books.reduce((sum, one) => sum + one.droppedTraces, 0);
  if (dropped > 0) parts.push(`${dropped} dropped`);
  return parts.length === 0 ? '' : `traces: ${parts.join(', ')}`;
}

function left(books: readonly TracingFacts[]): string {
  const parts: string[] = [];
  const queued = books.reduce((sum, one) => sum + one.queued, 0);
  if (queued > 0) parts.push(`${queued} waiting`);
  const lost: Record<string, number> = {};
  for (const one of books) for (const [why, count] of Object.entries(one.lost)) lost[why] = (lost[why] ?? 0) + count;
  for (const [why, count] of Object.entries(lost)) parts.push(`${count} lost (${why})`);
  return parts.join(', ');
}

function acceptedBy({ received }: RunFacts, books: readonly TracingFacts[], accepted: number): string {
  const elsewhere = [...new Set(books.map((one) => one.destination))].filter(
    (url) => url !== undefined && url !== received.url,
  );
  if (elsewhere.length > 0) return `by ${listOf(elsewhere as string[])}, which the app names in code`;
  return accepted > 0 ? `by the doctor, ${countOf(received.spans, 'span')} read` : '';
}
