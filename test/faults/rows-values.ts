// F27, F28: values that cannot be encoded, and values that are too long.

import type { Job } from './emit.ts';
import { atMost, type Check, endsWith, gate, loses, losesNothing, rssGrowth } from './gates.ts';
import type { Row, Variant } from './row.ts';

/** The names of test/faults/emitter/poisons.mjs. */
const POISONS = [
  'end(NaN)',
  'end(invalid date)',
  'a bigint as its name',
  'a symbol as its name',
  'an event attribute that is a bigint',
  'an event at NaN',
  'a link with wrong ids',
  'a link without a context',
  'a status that is text',
  'a cyclic attribute',
  'an attribute that throws',
];

const poisoned = (name: string, cases: string[]): Variant => ({
  name,
  seconds: 5,
  quiet: true,
  otherLines: cases.length,
  job: { work: { kind: 'poison', spans: 512, cases }, end: { kind: 'natural' }, unscaled: true } satisfies Job,
  checks: [
    loses(cases.length),
    // The good ones, whatever becomes of the others.
    ({ collector, ended }) => {
      const good = [...collector.acked.keys()].filter((one) => /^[se]\d/.test(one)).length;
      return gate(`${good} of ${ended - cases.length} good spans arrived`, good === ended - cases.length);
    },
    ({ report }) => gate(`${report?.thrown} errors reached the app`, report?.thrown === 0),
    endsWith(0),
    atMost('end of the process after', ' ms', ({ exitMs }) => exitMs, 500, 2_500),
  ],
});

const requestSize: Check = ({ collector }) => {
  const most = Math.max(...collector.requests.map(({ bytes }) => bytes));
  return gate(`largest request ${Math.round(most / 1_000)} KB ≤ 1,000 KB`, most <= 1_000_000);
};

export const valueRows: Row[] = [
  {
    id: 'F27',
    goal: 'a span that cannot be encoded: 1 lost of 512, nothing thrown into the app, the end not delayed',
    variants: [
      ...POISONS.slice(0, 1).map((one) => poisoned(`one of 512: ${one}`, [one])),
      ...POISONS.slice(1).map((one) => ({ ...poisoned(`one of 512: ${one}`, [one]), fullOnly: true as const })),
      poisoned('eleven kinds in 512', POISONS),
    ],
  },
  {
    id: 'F28',
    goal: '20 attributes of 13 MB: RSS ≤ +20 MB, held up ≤ 20 ms, requests ≤ 1 MB',
    variants: [
      {
        name: '20 attributes of 13 MB',
        quiet: true,
        seconds: 20,
        job: {
          work: { kind: 'heavy', spans: 20, bytes: 13_000_000 },
          end: { kind: 'shutdown', settleS: 15 },
          unscaled: true,
        },
        checks: [
          losesNothing,
          requestSize,
          atMost('RSS above what it was before', ' MB', rssGrowth, 20, 120),
          atMost('the loop held for', ' ms', ({ report }) => report?.eld.max ?? 0, 20, 400),
        ],
      },
    ],
  },
];
