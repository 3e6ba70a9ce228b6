// Why spans were given up in this process: a clause each, and what to do when the cause is not the collector.

export interface LossReason {
  why: string;
  /** Left out where the destination's own failure tells what to do. */
  fix?: string;
}

export const lossReasons: Readonly<Record<string, LossReason>> = {
  queue_full: { why: 'the export queue is full' },
  expired: { why: 'they waited too long to be sent' },
  poison: {
    why: 'they hold a value that OTLP cannot express',
    fix: 'Look for span.end() with an invalid time, or a name or link that is not text.',
  },
  oversize: {
    why: 'one span is larger than the whole export queue',
    fix: 'Set OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, for example to 16384.',
  },
  shutdown_deadline: { why: 'the process ended before they could be sent' },
  after_shutdown: { why: 'they ended after shutdown()', fix: 'Call shutdown() as the last thing.' },
  process_exit: {
    why: 'process.exit() came before they were sent',
    fix: 'Await tracing.flush() before it, or let the process end by itself.',
  },
  crash: { why: 'the process crashed before they were sent' },
  internal: { why: 'keeptrace made a mistake', fix: 'Please report it.' },
};
