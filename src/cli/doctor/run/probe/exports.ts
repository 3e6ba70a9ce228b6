// Owns what is heard on the channel `keeptrace:export`: failures, and what is given up when a process ends.
import { subscribe } from 'node:diagnostics_channel';
import type { FailureFacts } from '../facts.ts';
import { quietly } from './quietly.ts';

const MOST = 20;

type Failure = Pick<FailureFacts, 'code' | 'what' | 'fix'>;
/** The part of a message of the channel that this needs. */
type Message =
  | { type: 'retrying'; failure: Failure; retryInMs: number }
  | { type: 'rejected'; failure: Failure; spans: number }
  | { type: 'dropped'; reason: string; spans: number; recovered?: true }
  | { type: 'accepted' | 'recovered' };

export interface SeenExports {
  failures(): FailureFacts[];
  lost(): Record<string, number>;
  /** From now on everything is told at once. */
  ending: boolean;
}

/** @param told is called after each message; must not throw */
export function watchExports(told: () => void): SeenExports {
  const failures = new Map<string, FailureFacts>();
  const lost: Record<string, number> = {};

  function failed({ code, what, fix }: Failure): FailureFacts {
    const row = failures.get(code) ?? { code, what, fix, times: 0, rejected: 0 };
    if (failures.size < MOST) failures.set(code, row);
    row.times++;
    return row;
  }

  const seen: SeenExports = { failures: () => [...failures.values()], lost: () => ({ ...lost }), ending: false };
  subscribe('keeptrace:export', (data) =>
    quietly(() => {
      const message = data as Message;
      if (message.type === 'retrying') failed(message.failure).retryInMs = Math.round(message.retryInMs);
      else if (message.type === 'rejected') failed(message.failure).rejected += message.spans;
      else if (message.type === 'dropped' && !message.recovered) {
        lost[message.reason] = (lost[message.reason] ?? 0) + message.spans;
      }
      // A signal ends the process without an event, so every batch is told; its books are closed after this call.
      if (seen.ending) told();
      else queueMicrotask(told);
    }),
  );
  return seen;
}
