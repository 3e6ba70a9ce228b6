// The ways in which a collector can misbehave, as data.

/** Of a span that tells of losses: it is no span of the app, and no books count it. */
export const LOSS_SPAN = 'keeptrace.loss';

export type Fault =
  | { kind: 'ok' }
  /** Refuses connections. For schedules; by hand there are `down()` and `up()`. */
  | { kind: 'down' }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  /** Never reads the request. */
  | { kind: 'deaf' }
  /** One byte of the status line at a time, for ever. */
  | { kind: 'dripping-head'; everyMs?: number }
  /** 200, then one byte of the body at a time, for ever. */
  | { kind: 'dripping-body'; everyMs?: number }
  /** Reads the request and cuts the connection; with `took` it has the spans and only the answer is lost. */
  | { kind: 'reset'; took?: true }
  /** The same, for one request. */
  | { kind: 'reset-once' }
  /** Cuts the connection as soon as the first bytes of the body are there. */
  | { kind: 'reset-early' }
  /** Reads the request and says goodbye in order, without an answer. */
  | { kind: 'fin' }
  /** 200, and a body that ends before its announced length. */
  | { kind: 'truncated' }
  | {
      kind: 'status';
      status: number;
      headers?: Record<string, string>;
      body?: string;
      /** Seconds, stretched by the collector's time scale, as a number or as a date. */
      retryAfter?: { seconds: number; form: 'seconds' | 'date' };
    }
  /** Refuses requests that hold one of these spans; the others are taken. */
  | { kind: 'refuse-spans'; status: number; names: string[] }
  /** 413 for requests of more bytes on the wire; the others are taken, never answered, or 503. */
  | { kind: 'refuse-bytes'; above: number; others?: 'hang' | 'busy' }
  /** A redirect to the collector's `redirectTo`. */
  | { kind: 'redirect'; status: 301 | 302 | 307 | 308 }
  /** A body of up to 50 MB that goes on for as long as it is taken. */
  | { kind: 'endless-body'; status: number }
  /** A body of that many bytes; `bomb` sends them as gzip, a thousandth as long on the wire. */
  | { kind: 'big-body'; status: number; bytes: number; bomb?: true }
  /** 200 with an answer that is compressed. */
  | { kind: 'gzip-answer' }
  /** Refuses that many spans of each request by OTLP partial success. */
  | { kind: 'partial'; rejected: number }
  /** 200 and a page: a web server that knows nothing of OTLP. */
  | { kind: 'web-page' }
  /** Answers 200 after a while. */
  | { kind: 'slow'; ms: number };

/** What happens at which time, in seconds after the start of the schedule. */
export interface Step {
  at: number;
  fault: Fault;
  /** From here on the collector shows this certificate. */
  certificate?: 'trusted' | 'foreign';
}
