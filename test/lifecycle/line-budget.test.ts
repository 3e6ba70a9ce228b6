// Whatever goes wrong: a line for each change, one a minute, 2 KiB a minute, and no loss that is kept secret.
import { describe, expect, test } from 'vitest';
import { lossReasons } from '../../src/lifecycle/loss-reasons.ts';
import { createSelfReport, type SelfReport } from '../../src/lifecycle/self-report.ts';

const MINUTE = 60_000;

function reporter(options: object = {}) {
  const lines: { at: number; text: string }[] = [];
  const clock = { ms: 0 };
  const write = (text: string) => void lines.push({ at: clock.ms, text });
  const report = createSelfReport({ write, now: () => clock.ms, ...options });
  /** Most bytes in any minute. */
  const worst = () =>
    Math.max(
      0,
      ...lines.map(({ at: from }) =>
        lines
          .filter(({ at }) => at >= from && at < from + MINUTE)
          .reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
      ),
    );
  const told = () =>
    lines.reduce((sum, { text }) => sum + Number(/: lost ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? 0), 0);
  return { report, lines, clock, worst, told };
}

const failure = (n = 0) => ({
  code: `code ${n}`,
  what: `https://collector-${n}.example.com:4318/v1/traces ${'refuses '.repeat(30)}(${n})`,
  fix: `${'Look at the collector. '.repeat(10)}`,
});
const short = { code: 'ECONNREFUSED', what: 'http://c:4318 refuses the connection', fix: 'Start a collector.' };

const faults: Record<string, (report: SelfReport) => unknown> = {
  'an outage': (report) => report.retrying({ failure: short, waiting: 9 }),
  refusals: (report) => {
    report.rejected({ failure: short, spans: 2, whole: true });
    return 2;
  },
  'refusals of parts': (report) => {
    report.accepted({ spans: 90, ms: 1 });
    report.rejected({ failure: short, spans: 2, whole: false });
    return 2;
  },
  'too many errors': (report) => report.throttled(),
  'the same diagnostic': (report) => report.diagnostic('Dropping extra attributes'),
  'a disk that is full': (report) => report.problem('spool /var/spool: cannot write (ENOSPC). Free space.'),
  'spans of an earlier process': (report) => {
    report.recovered({ spans: 3 });
    report.accepted({ spans: 1, ms: 1 });
  },
  ...Object.fromEntries(
    Object.keys(lossReasons).flatMap((reason) => [
      [
        reason,
        (report: SelfReport) => {
          report.dropped({ reason, spans: 1, failure: short });
          return 1;
        },
      ],
      [
        `${reason} of an earlier process`,
        (report: SelfReport) => {
          report.dropped({ reason, spans: 1, recovered: true });
          return 1;
        },
      ],
    ]),
  ),
};

describe.each(Object.entries(faults))('%s', (_name, happen) => {
  test('for ten minutes is a line a minute', () => {
    const { report, lines, clock, worst, told } = reporter({ lifeLines: false });
    let lost = 0;
    for (; clock.ms < 10 * MINUTE; clock.ms += 100) lost += Number(happen(report) ?? 0);
    report.ended();
    expect(lines.length).toBeLessThanOrEqual(11);
    if (lost > 0) expect(lines[0]?.at).toBe(0);
    expect(told()).toBe(lost);
    expect(worst()).toBeLessThanOrEqual(2_048);
  });
});

test('everything at once, in words without end and by causes without number, stays within 2 KiB of any minute', () => {
  const { report, lines, clock, worst, told } = reporter();
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const reasons = Object.keys(lossReasons);
  let lost = 0;
  let longestSilence = 0;
  let silentSince = 0;
  for (; clock.ms < 30 * MINUTE; clock.ms += random(400)) {
    const spans = 1 + random(9);
    const before = lines.length;
    switch (random(9)) {
      case 0:
        report.retrying({ failure: failure(random(300)), waiting: 1e6 });
        break;
      case 1:
        report.accepted({ spans: 1, ms: 1 });
        break;
      case 2:
        report.throttled();
        break;
      case 3:
        report.diagnostic(`${'diagnostic '.repeat(50)}${random(1_000)}`);
        break;
      case 4:
        report.problem(`${'disk '.repeat(100)}${random(1_000)}`);
        break;
      case 5:
        report.recovered({ spans: 2 });
        break;
      case 6:
        report.unsendable(`header-${random(100)}`);
        break;
      case 7:
        lost += spans;
        report.rejected({ failure: failure(random(300)), spans, whole: random(2) === 0 });
        break;
      case 8:
        lost += spans;
        report.dropped({ reason: reasons[random(reasons.length)]!, spans, failure: failure(random(300)) });
    }
    if (lines.slice(before).some(({ text }) => text.includes(': lost '))) silentSince = clock.ms;
    longestSilence = Math.max(longestSilence, clock.ms - silentSince);
  }
  report.ended();
  report.ended();
  expect(worst()).toBeLessThanOrEqual(2_048);
  expect(told()).toBe(lost);
  // Spans are lost all the time, and somebody who looks sees that.
  expect(longestSilence).toBeLessThan(2 * MINUTE);
});

test('a loss for which there was no room is said with the first event that finds some', () => {
  const { report, lines, clock, told } = reporter({ lifeLines: false });
  for (let n = 0; n < 20; n++) report.rejected({ failure: failure(n), spans: 1, whole: true });
  const said = told();
  expect(said).toBeGreaterThan(0);
  expect(said).toBeLessThan(20);
  while (told() < 20 && clock.ms < 20 * MINUTE) {
    clock.ms += MINUTE;
    report.accepted({ spans: 1, ms: 1 });
  }
  expect(told()).toBe(20);
  expect(lines.filter(({ text }) => text.includes('lost')).length).toBeGreaterThanOrEqual(20);
});

test('news leaves room for losses', () => {
  const { report, told } = reporter();
  for (let n = 0; n < 100; n++) report.retrying({ failure: failure(n), waiting: 1 });
  report.dropped({ reason: 'queue_full', spans: 5 });
  expect(told()).toBe(5);
});

test('the end tells all, the most first, and sums up what has no room', () => {
  const { report, lines, told } = reporter();
  for (let n = 0; n < 40; n++) report.rejected({ failure: failure(n), spans: 1 + n, whole: true });
  const before = lines.length;
  report.ended();
  expect(told()).toBe(820);
  expect(lines.length).toBeGreaterThan(before);
  expect(lines.at(-1)!.text).toMatch(/^keeptrace: lost \d+ more spans for other reasons\.\n$/);
});

test('who asks for more than warnings gets every diagnostic', () => {
  const { report, lines } = reporter({ logLevel: 'debug' });
  for (let n = 0; n < 100; n++) report.diagnostic(`${'words '.repeat(50)}${n}`);
  expect(lines).toHaveLength(100);
});

describe('what an earlier process had left', () => {
  test('is told once, when all of it seems to be there', () => {
    const { report, lines, clock } = reporter({ lifeLines: true });
    report.accepted({ spans: 1, ms: 1 });
    for (let n = 0; n < 10; n++, clock.ms += 500) {
      report.recovered({ spans: 256 });
      report.accepted({ spans: 1, ms: 1 });
    }
    clock.ms += 5_000;
    report.accepted({ spans: 1, ms: 1 });
    report.accepted({ spans: 1, ms: 1 });
    expect(lines.slice(1).map(({ text }) => text)).toEqual([
      'keeptrace: sent 2,560 spans that an earlier process had left\n',
    ]);
  });

  test('is told at the end, if that comes first', () => {
    const { report, lines } = reporter();
    report.recovered({ spans: 1 });
    report.ended();
    report.ended();
    expect(lines.map(({ text }) => text)).toEqual(['keeptrace: sent 1 span that an earlier process had left\n']);
  });

  test('and is lost, is told as such', () => {
    const { report, lines } = reporter();
    report.dropped({ reason: 'corrupt', spans: 256, recovered: true });
    expect(lines[0]!.text).toBe(
      'keeptrace: lost 256 spans: damaged on disk, left by an earlier process. The file was set aside, with the ending .bad.\n',
    );
  });
});
