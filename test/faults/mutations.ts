// Mechanisms of the export path taken out one at a time, and the rows that must then be missed.

export interface Mutation {
  says: string;
  /** File below src/, a regular expression in it, what it becomes. */
  edits: [file: string, pattern: string, replacement: string][];
  /** At least one of these must be missed. */
  red: string[];
}

export const mutations: Record<string, Mutation> = {
  'one-lane': {
    says: 'errors queue with all the rest',
    edits: [['export/pipeline.ts', 'pending\\.add\\(span, laneOf\\(span\\)\\)', "pending.add(span, 'rest')"]],
    red: ['F15'],
  },
  'no-deadline': {
    says: 'an attempt may take for ever',
    edits: [['export/destination/transport.ts', 'later\\(deadlineMs,', 'later(2 ** 30,']],
    red: ['F8', 'F9'],
  },
  'no-retry-after': {
    says: 'the time a server names is not heard',
    edits: [['export/sender/retry.ts', 'if \\(value === undefined\\)', 'if (value !== "")']],
    red: ['F4'],
  },
  'no-backoff': {
    says: 'attempts follow one another at once',
    edits: [['export/sender/retry.ts', 'return step / 2 \\+ \\(step / 2\\) \\* random', 'return step / 1e3 + random']],
    red: ['F5'],
  },
  'per-batch': {
    says: 'a wait holds for the batch and not for the destination',
    edits: [
      [
        'export/sender/sender.ts',
        'this\\.askedToWaitUntil = now\\(\\) \\+ spreadMs\\(retryAfterMs, limits, Math\\.random\\(\\)\\)',
        'this.askedToWaitUntil = now()',
      ],
    ],
    red: ['F4'],
  },
  'retries-final': {
    says: 'an outage is taken for a refusal',
    edits: [['export/destination/otlp-destination.ts', "'rejected' : 'retry'", "'rejected' : 'rejected'"]],
    red: ['F1'],
  },
  'no-search': {
    says: 'a batch with a bad span is given up whole',
    edits: [['export/sender/refusals.ts', "http_400: 'content',", '']],
    red: ['F6'],
  },
  'no-halving': {
    says: 'a request that is too large is given up',
    edits: [['export/sender/refusals.ts', "http_413: 'size',", '']],
    red: ['F6'],
  },
  'no-hold': {
    says: 'a refused key costs its spans at once',
    edits: [['export/sender/refusals.ts', "http_401: 'credentials',", '']],
    red: ['F6'],
  },
  'whole-answer': {
    says: 'error bodies are read to their end',
    edits: [['export/destination/transport.ts', 'if \\(size >= REPLY_BYTES\\) finish\\(false\\);', 'size = 0;']],
    red: ['F11'],
  },
  uncounted: {
    says: 'what is dropped is not written down',
    edits: [['export/accounting.ts', 'this\\.dropped\\[reason\\] = .*;', '']],
    red: ['F9', 'F17'],
  },
  silent: {
    says: 'losses are not said',
    edits: [['lifecycle/self-report.ts', 'if \\(outage\\) outage\\.lost \\+= spans;', 'return false;']],
    red: ['F9', 'F17'],
  },
  'no-exit-flush': {
    says: 'process.exit() waits for nothing',
    edits: [['export/exit/last-chance.ts', 'sendAtExit\\(jobs, ', 'sendAtExit([], ']],
    red: ['F20'],
  },
  'no-signal-wait': {
    says: 'a signal ends the process at once',
    edits: [
      [
        'lifecycle/signals.ts',
        'void within\\(timeoutMs, leave\\(\\)\\)\\.then\\(\\(\\) => raise\\(signal\\)\\)',
        'raise(signal)',
      ],
    ],
    red: ['F16', 'F19'],
  },
  'own-code': {
    says: 'the process exits by itself when the app owns the signal',
    edits: [['lifecycle/signals.ts', 'else if \\(othersListen\\(signal\\) \\|\\| ', 'else if (']],
    red: ['F18'],
  },
  'no-poison-search': {
    says: 'a span that cannot be encoded costs its batch',
    edits: [['export/destination/seal.ts', 'if \\(spans\\.length <= 1\\) return \\[\\];', 'return [];']],
    red: ['F27', 'F36'],
  },
  'lease-ignored': {
    says: 'folders of living processes are taken',
    edits: [['export/spool/spool-folder.ts', 'free = this\\.#watch\\.isFree\\(.*\\);', 'free = true;']],
    red: ['F25', 'F22'],
  },
  'no-adoption': {
    says: 'what ended processes left stays where it is',
    edits: [['export/spool/spool-folder.ts', 'free = this\\.#watch\\.isFree\\(.*\\);', 'free = false;']],
    red: ['F17', 'F22', 'F25'],
  },
  'no-write-ahead': {
    says: 'batches are in memory only until it is full',
    edits: [['export/spool/spooling.ts', 'if \\(this\\.#options\\.writeAhead\\) ', 'if (false) ']],
    red: ['F22'],
  },
  'no-cap': {
    says: 'the spool grows without end',
    edits: [['export/spool/spool-room.ts', 'const \\{ maxBytes \\} = this\\.#options;', 'const maxBytes = 2 ** 40;']],
    red: ['F26'],
  },
};
