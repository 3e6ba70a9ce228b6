// When what was sealed sets out: after the tick that made it, or a moment later in one request with what comes next. A request
// costs more than the bytes in it.
import type { Background } from '../background.ts';
import { type Cancel, later, soon } from '../clock.ts';

export interface DepartureOptions {
  background: Background;
  /** Longest wait for company, in milliseconds. */
  companyMs: number;
  /** Whether another batch like those that wait would fit into their request. */
  hasRoom: () => boolean;
  pump: () => void;
}

/** @returns to be called with each sealed batch; `full` ones are soon followed by another, if ever */
export function createDeparture({ background, companyMs, hasRoom, pump }: DepartureOptions): (full: boolean) => void {
  let leaving = false;
  let cancelWait: Cancel | undefined;

  const leave = (): void => {
    leaving = false;
    cancelWait?.();
    cancelWait = undefined;
    pump();
  };

  return (full) => {
    if (leaving) return;
    if (full && hasRoom()) {
      cancelWait ??= background(() => later(companyMs, leave));
      return;
    }
    // Not in the tick that made the spans: it may be the last one, and a request begun there holds the process.
    leaving = true;
    background(() => soon(leave));
  };
}
