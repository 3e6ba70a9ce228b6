// Checks 29 and 30: is tracing on wherever code of the app runs, with all that belongs to it.
import type { RunFacts, ThreadFacts } from '../facts.ts';
import { type Check, listOf, preloadVariable, warning } from './finding.ts';

/** A name that matches nothing is told by the settings, with the one that was meant. */
export const instrumentationDisabled: Check = ({ threads }) => {
  const active = threads.filter((thread) => thread.tracing?.active);
  const tracing = active[0]?.tracing;
  if (tracing === undefined) return [];
  const all = tracing.instrumentations.length === 0;
  const silent = active.every(({ spans }) => spans.started === 0) && !tracing.instrumentations.includes('http');
  if (!all && !silent) return [];
  const variable = tracing.onlySome ? 'OTEL_NODE_ENABLED_INSTRUMENTATIONS' : 'OTEL_NODE_DISABLED_INSTRUMENTATIONS';
  return [
    warning('INSTRUMENTATION_DISABLED', {
      what: all
        ? 'Every instrumentation is switched off, so only spans made by hand exist.'
        : 'The instrumentation http is switched off, so requests make no spans, and nothing else made one.',
      from: variable,
      fix: `unset ${variable}`,
    }),
  ];
};

export const untracedWorkers: Check = (facts) => {
  const scripts = new Set<string>();
  for (const thread of facts.threads) {
    if (thread.threadId === 0 || thread.tracing?.active || isLibrary(thread.script)) continue;
    if (mainOf(facts, thread)?.tracing?.active) scripts.add(thread.script ?? 'a worker');
  }
  if (scripts.size === 0) return [];
  return [
    warning('WORKER', {
      what: `${listOf([...scripts])} ran in a worker thread without tracing; initTracing() is for the thread that calls it.`,
      from: [...scripts][0],
      fix: `${preloadVariable(facts.app)} ${facts.command}   (workers inherit it; or call initTracing() in the worker)`,
    }),
  ];
};

const mainOf = ({ threads }: RunFacts, { pid }: ThreadFacts): ThreadFacts | undefined =>
  threads.find((thread) => thread.pid === pid && thread.threadId === 0);

/** Workers of packages (log transports and the like) are left alone on purpose. */
const isLibrary = (script: string | undefined): boolean => /[\\/]node_modules[\\/]/.test(script ?? '');

export const untracedChildren: Check = (facts) => {
  const commands = new Set<string>();
  for (const parent of facts.threads) {
    if (!parent.tracing?.active) continue;
    for (const child of parent.children) {
      if (!child.node) continue;
      const seen = facts.threads.find(({ pid, threadId }) => pid === child.pid && threadId === 0);
      if (seen === undefined || seen.tracing === undefined) commands.add(child.command);
    }
  }
  if (commands.size === 0) return [];
  return [
    warning('WORKER', {
      what: `${listOf([...commands].map((command) => `"${command}"`))} ${commands.size === 1 ? 'was' : 'were'} started by the app as a process of its own, without tracing.`,
      from: [...commands][0],
      fix: `Hand the environment on: spawn(command, args, { env: { ...process.env, NODE_OPTIONS: ${facts.app.nodeOptions ? '"--import keeptrace/register " + process.env.NODE_OPTIONS' : '"--import keeptrace/register"'} } })`,
    }),
  ];
};
