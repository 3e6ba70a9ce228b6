// Why spans were given up in this process: a clause each, which fits one span and many, and what to do about it.

export interface LossReason {
  why: string;
  /** Left out where the destination's own failure tells what to do. */
  fix?: string;
  /** What the destination had answered is part of the story all the same. */
  causeToo?: true;
}

export const lossReasons: Readonly<Record<string, LossReason>> = {
  queue_full: { why: 'the export queue is full' },
  expired: { why: 'waited too long to be sent' },
  poison: {
    why: 'a value that OTLP cannot express',
    fix: 'Look for span.end() with an invalid time, or a name or link that is not text.',
  },
  oversize: {
    why: 'a single span is larger than the whole export queue',
    fix: 'Set OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, for example to 16384.',
  },
  shutdown_deadline: { why: 'could not be sent before the process ended' },
  after_shutdown: { why: 'ended after shutdown()', fix: 'Call shutdown() as the last thing.' },
  process_exit: {
    why: 'not sent before process.exit()',
    fix: 'Await initTracing().flush() before it, or let the process end by itself.',
    causeToo: true,
  },
  crash: { why: 'not sent before the process crashed' },
  spool_evicted: { why: 'the spool on disk is full', fix: 'KEEPTRACE_SPOOL_MB gives more room.' },
  spool_expired: { why: 'waited too long on disk' },
  spool_deleted: { why: 'the spool on disk was deleted', fix: 'Nothing but keeptrace may delete what lies there.' },
  corrupt: { why: 'damaged on disk', fix: 'The file was set aside, with the ending .bad.' },
  internal: { why: 'keeptrace made a mistake', fix: 'Please report that.' },
};

/** Something answers, and would give the same answer however long it is asked. */
const isFinal = (code = ''): boolean => /^(ERR_SSL_|ERR_TLS_|EPROTO|HPE_|CERT_|DEPTH_|SELF_|UNABLE_|http_)/.test(code);

/**
 * `shutdown_deadline` when all of the time was used.
 *
 * @param ms `KEEPTRACE_SHUTDOWN_TIMEOUT_MS`
 * @param code of what kept the destination from taking them
 */
export function lateReason(ms: number, code?: string): LossReason {
  const why = `could not be sent within ${Number((ms / 1000).toPrecision(3))} s`;
  return isFinal(code) ? { why } : { why, fix: 'KEEPTRACE_SHUTDOWN_TIMEOUT_MS gives more time.' };
}

/** Of spans that an earlier process had put on disk. */
export function leftBehind(why: string): string {
  return `${why}, left by an earlier process`;
}
