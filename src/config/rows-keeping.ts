// Settings that say which traces are kept beyond the sampler's share, and what holding them may cost.
import { checkPeer, PEERS } from './peers.ts';
import { booleanRow, integerOrOffRow, integerRow, wordOrListRow } from './row-kinds.ts';

/** Longest time in which a request can be called slow, in milliseconds. */
export const SLOWEST_MS = 600_000;

export const keepingRows = {
  keepErrors: booleanRow({
    option: 'keepErrors',
    env: ['KEEPTRACE_KEEP_ERRORS'],
    fallback: true,
    about: 'Keeps every trace in which a span of this process fails, whatever the sampler said.',
    example: 'true',
  }),
  slowMs: integerOrOffRow({
    option: 'slowMs',
    env: ['KEEPTRACE_SLOW_MS'],
    unit: 'milliseconds',
    min: 1,
    max: SLOWEST_MS,
    fallback: 1000,
    about: 'Keeps every trace whose request is still running at this age, from that moment on.',
    example: '1000',
  }),
  keepBudget: integerOrOffRow({
    option: 'keepBudget',
    env: ['KEEPTRACE_KEEP_BUDGET'],
    unit: 'traces a second',
    min: 1,
    max: 1_000_000,
    fallback: 100,
    about:
      'The most that this process keeps for its own reasons (errors, slow, by hand). Beyond it they are thinned out evenly, counted, and said on stderr.',
    example: '100',
  }),
  bufferMb: integerRow({
    option: 'bufferMb',
    env: ['KEEPTRACE_BUFFER_MB'],
    unit: 'MiB',
    min: 1,
    max: 4096,
    fallback: 64,
    about: 'Memory for ended spans of undecided traces. When it is full the oldest are decided early, and counted.',
    example: '64',
  }),
  spansPerTrace: integerRow({
    option: 'spansPerTrace',
    env: ['KEEPTRACE_BUFFER_SPANS_PER_TRACE'],
    unit: 'spans',
    min: 1,
    max: 1_000_000,
    fallback: 2000,
    about: 'Ended spans of one undecided trace; beyond these it is decided with what is there.',
    example: '2000',
  }),
  retentionMs: integerRow({
    option: 'retentionMs',
    env: ['KEEPTRACE_RETENTION_MS'],
    unit: 'milliseconds',
    min: 0,
    max: 600_000,
    fallback: 0,
    about: 'How long an ended, undecided trace stays within reach of a word from another process.',
    example: '1250',
  }),
  trustIncoming: wordOrListRow({
    option: 'trustIncoming',
    env: ['KEEPTRACE_TRUST_INCOMING'],
    words: ['all', 'none'],
    aliases: { '*': 'all', any: 'all', true: 'all', everyone: 'all', false: 'none', off: 'none', nobody: 'none' },
    // Whoever wrote something wanted a boundary: an unreadable one must not be an open one.
    unreadable: 'none',
    fallback: 'all',
    expected: `all, none, or ${PEERS}`,
    expectedInCode: "'all', 'none', or an array of addresses and CIDR ranges",
    check: checkPeer,
    about:
      'Whose sampled flag and keep signal count, by the address of the connection. Set it where strangers can call the service.',
    example: '10.0.0.0/8,192.168.0.0/16',
  }),
  slowDeadline: booleanRow({
    option: 'slowDeadline',
    env: ['KEEPTRACE_SLOW_DEADLINE'],
    fallback: false,
    about:
      'Tells everyone who is called, in the tracestate, when the request turns slow, so that they keep their part by themselves. Needs clocks that agree within 50 ms.',
    example: 'true',
  }),
};
