// What the driver and a service say to each other over the IPC channel, and what a service writes into its log. None of
// it passes through the environment or the traced requests, so the library sees an ordinary service.
import type { Graph } from './graph.ts';
import type { FaultKind, Mix } from './plan.ts';

export interface Assignment {
  service: string;
  graph: Graph;
  peers: Record<string, string>;
  secret: string;
  mix: Mix;
  /** Share of the solo requests that answer 500. */
  soloErrors: number;
  slowMs: number;
  logFile: string;
  port: number;
}

export type Order =
  | { order: 'assign'; assignment: Assignment }
  | { order: 'peers'; peers: Record<string, string> }
  /** `own`: traced by keeptrace, whose counts are wanted. */
  | { order: 'settle'; own: boolean }
  | { order: 'solo' };

export type Answer =
  | { answer: 'listening'; port: number }
  | { answer: 'settled'; stats: unknown }
  | { answer: 'solo'; handled: number; failed: number };

/** One handled request, as the service itself saw it. */
export interface LogLine {
  service: string;
  requestId: string;
  hop: string;
  /** Set where this hop is the one that fails. */
  fault: FaultKind | undefined;
  /** 0 when no status was sent. */
  status: number;
  ms: number;
  /** Spans this handling must have made. */
  spans: number;
  /** An error that this process saw itself. */
  ownError: boolean;
  /** The answer went out whole. */
  finished: boolean;
  /** A call that failed although the plan holds nothing that explains it. */
  unexpected: string | undefined;
}
