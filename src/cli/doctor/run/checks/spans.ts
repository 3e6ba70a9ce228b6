// Checks 21, 32 and 35: what the spans themselves tell.
import type { TracingFacts } from '../facts.ts';
import { type Check, countOf, listOf, warning } from './finding.ts';

const UNSAMPLED_SHARE = 0.95;
const FEWEST_PARENTS = 3;

export const parentUnsampled: Check = ({ threads }) => {
  const remote = sum(threads.map(({ spans }) => spans.remote));
  const unsampled = sum(threads.map(({ spans }) => spans.remoteUnsampled));
  if (remote < FEWEST_PARENTS || unsampled / remote < UNSAMPLED_SHARE) return [];
  if (threads.some(({ tracing }) => tracing?.active && dropsByItself(tracing))) return [];
  return [
    warning('PARENT_UNSAMPLED', {
      what: `${unsampled} of ${countOf(remote, 'request')} came with a traceparent that says "not sampled" (-00). The callers decide; only errors and slow requests are kept here.`,
      from: 'the traceparent header of the callers',
      fix: 'Raise the ratio of the first service on the way. At a public edge, listen to nobody: KEEPTRACE_TRUST_INCOMING=none',
    }),
  ];
};

/** What it drops may come back to it: an app that calls itself, or another one with the same settings. */
function dropsByItself({ sampler, sampleRatio }: TracingFacts): boolean {
  if (sampler === undefined) return false;
  return (
    !sampler.startsWith('parentbased_') || sampler.endsWith('_off') || (sampler.endsWith('ratio') && sampleRatio === 0)
  );
}

/** Long polls and streams end; what is open for half of a run may be one, so the words are careful. */
export const unendedSpans: Check = ({ threads, ended, seconds }) => {
  const findings = new Map<string, { name: string; at: string | undefined; count: number; ageMs: number }>();
  for (const { spans, exit } of threads) {
    // Whoever left by itself had all the time to end them.
    const left = ended.by === 'itself' && exit !== undefined;
    const enough = left ? 0 : Math.min(60_000, Math.max(1_000, seconds * 500));
    for (const { name, at, ageMs } of spans.open) {
      if (ageMs < enough) continue;
      const key = at ?? name;
      const row = findings.get(key) ?? { name, at, count: 0, ageMs: 0 };
      row.count++;
      row.ageMs = Math.max(row.ageMs, ageMs);
      findings.set(key, row);
    }
  }
  return [...findings.values()].slice(0, 5).map(({ name, at, count, ageMs }) =>
    warning('UNENDED_SPANS', {
      what: `${countOf(count, 'span')} "${templateOf(name)}" ${count === 1 ? 'was' : 'were'} not ended, the oldest for ${(ageMs / 1000).toFixed(1)} s. A span that never ends is never sent, and holds its trace.`,
      from: at,
      fix: 'Call span.end() in a finally block, or use withSpan(name, fn), which does. A response must be read to its end.',
    }),
  );
};

/** Different names of one pattern from which on it is one. */
const FEWEST_NAMES = 5;

export const nameCardinality: Check = ({ threads }) => {
  const patterns = new Map<string, { names: Set<string>; scope: string }>();
  for (const { name, scope } of threads.flatMap(({ spans }) => spans.names)) {
    const template = templateOf(name);
    if (template === name) continue;
    const row = patterns.get(template) ?? { names: new Set(), scope };
    row.names.add(name);
    patterns.set(template, row);
  }
  const many = [...patterns].filter(([, { names }]) => names.size >= FEWEST_NAMES);
  if (many.length === 0) return [];
  const count = sum(many.map(([, { names }]) => names.size));
  return [
    warning('NAME_CARDINALITY', {
      what: `${count} span names differ in ids only: ${listOf(many.map(([template]) => `"${template}"`))}. Backends group by name, so each id becomes a group of its own.`,
      from: many[0]![1].scope && `the tracer "${many[0]![1].scope}"`,
      fix: "Put the id into an attribute: withSpan('load order', { attributes: { 'order.id': id } }, fn)",
    }),
  ];
};

/** The name with whatever looks like an id in it taken out: what is left holds nothing about anyone. */
export function templateOf(name: string): string {
  return name
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, '{uuid}')
    .replaceAll(/[^\s"'<>@]+@[^\s"'<>@]+\.\w+/g, '{email}')
    .replaceAll(/(?<![\w.])(?=[0-9a-f]*\d)[0-9a-f]{12,}(?!\w)/gi, '{hex}')
    .replaceAll(/(?<![\w.])\d+(?![\w.])/g, '{number}');
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);
