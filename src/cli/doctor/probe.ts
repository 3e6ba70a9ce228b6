// What one request to the endpoint brought back. Results are facts: judging them is left to the checks.
import type { LookupFunction } from 'node:net';

export interface Answer {
  kind: 'answer';
  status: number;
  /** In lower case. */
  contentType: string;
  location: string | undefined;
  date: string | undefined;
  /** The first 2,000 characters. May hold anything, secrets too. */
  body: string;
  /** Of gRPC only. */
  grpc?: { status: number; message: string };
  /** From the start of the request to its verdict, in milliseconds. */
  ms: number;
  /** When the verdict was there, in milliseconds since the epoch. */
  at: number;
}

export interface NoAnswer {
  kind: 'none';
  /** A Node error, or one with the code `ERR_DEADLINE`. */
  error: NodeJS.ErrnoException;
  /** The first bytes that were no HTTP. */
  raw?: Buffer | undefined;
  ms: number;
}

export type ProbeResult = Answer | NoAnswer;

export interface ProbeTarget {
  url: URL;
  headers: Readonly<Record<string, string>>;
  tls: { ca?: Buffer; key?: Buffer; cert?: Buffer };
  /** In place of the DNS of this machine. */
  lookup: LookupFunction | undefined;
  deadlineMs: number;
}

export const BODY_CHARACTERS = 2_000;

/** An `ExportTraceServiceRequest` that holds one empty `ResourceSpans`: not a single byte would be no body at all. */
export const EMPTY_BATCH = Buffer.from([0x0a, 0x00]);

export function deadlineError(): NodeJS.ErrnoException {
  return Object.assign(new Error('No answer in time'), { code: 'ERR_DEADLINE' });
}
