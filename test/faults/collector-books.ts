// The books of a fault collector: what it has seen, answered and acknowledged.
import type { IncomingMessage } from 'node:http';
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import type { Fault, Step } from './fault-kinds.ts';

export interface SeenRequest {
  /** `performance.now()`. */
  at: number;
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  /** Empty for a `lean` collector. */
  spans: ReceivedSpan[];
  /** After decompression. */
  bytes: number;
}

/** A POST that began, whether or not it was read. */
export interface Attempt {
  at: number;
  /** When it was over, however that came. */
  endedAt?: number;
  /** Undefined: it had no answer. */
  status?: number;
  fault: Fault['kind'];
  spans: number;
}

/** What any stand-in for a collector has. */
export interface FaultCollector {
  /** For OTLP/HTTP: where traces are posted to. */
  url: string;
  origin: string;
  fault: Fault;
  requests: SeenRequest[];
  /** Span names (unique in the tests) that were acknowledged, and how often. */
  acked: Map<string, number>;
  /** Spans refused by partial success. */
  refused: number;
  /** Requests that are not OTLP; answered by 400 whatever the fault. */
  undecodable: number;
  /** Connections open now and the most at a time. */
  sockets: { open: number; most: number };
  /** Bytes of endless and big bodies that were taken off our hands. */
  bodyBytesWritten: number;
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Refuses connections until `up()`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/** With the books that goal rows are judged by. */
export interface ScheduledCollector extends FaultCollector {
  requests: (SeenRequest & { names: string[] })[];
  attempts: Attempt[];
  /** The number of different names acknowledged by then: `performance.now()`, spans. */
  growth: [at: number, acked: number][];
  /** Where the fault `redirect` points to. */
  redirectTo: string;
  /** The time at which the schedule put each of its steps into force. */
  steps: number[];
  /** Starts a schedule. Resolves after its last step. */
  schedule(steps: readonly Step[]): Promise<void>;
}
