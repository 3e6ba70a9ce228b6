// Owns what is seen of child processes and workers that the app starts, through Node's own channels.
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { basename } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { ThreadFacts } from '../facts.ts';
import { quietly } from './quietly.ts';

const MOST = 100;

export function watchDescendants(): () => Pick<ThreadFacts, 'children' | 'workers'> {
  const children: ChildProcess[] = [];
  const workers: { threadId: number; script: string }[] = [];
  const keep = <T>(list: T[], one: T | undefined) => {
    if (one !== undefined && list.length < MOST) list.push(one);
  };
  subscribe('child_process', (message) =>
    quietly(() => keep(children, (message as { process?: ChildProcess }).process)),
  );
  subscribe('worker_threads', (message) =>
    quietly(() => {
      const { worker } = message as { worker?: Worker };
      if (worker) keep(workers, { threadId: worker.threadId, script: '' });
    }),
  );
  return () => ({
    children: children.flatMap(({ pid, spawnfile, spawnargs, exitCode, signalCode }) => {
      if (pid === undefined) return [];
      const ended = exitCode !== null || signalCode !== null;
      return [{ pid, command: commandOf(spawnfile, spawnargs), node: isNode(spawnfile), ended }];
    }),
    workers,
  });
}

const isNode = (file: string): boolean => file === process.execPath || /^node(?:\.exe)?$/.test(basename(file));

/** Its file and its script; further arguments may hold secrets. */
function commandOf(file: string, args: readonly string[]): string {
  const script = args.slice(1).find((arg) => /\.[cm]?[jt]sx?$/.test(arg));
  return [basename(file), script && basename(script)].filter(Boolean).join(' ');
}
