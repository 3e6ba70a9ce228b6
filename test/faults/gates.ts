// What a row is held to: figures with their bounds, and the laws that hold for every row.
import type { Measured, Setting } from './emit.ts';
import type { ExportStats } from './plan.ts';

export interface Gate {
  /** What must hold, with the figure that was measured. */
  says: string;
  ok: boolean;
}

export type Check = (measured: Measured, setting: Setting) => Gate;

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);

export const gate = (says: string, ok: boolean): Gate => ({ says, ok });

/** A figure with its upper bound; the short profile, on a machine that does other things too, may have another. */
export function atMost(
  what: string,
  unit: string,
  of: (measured: Measured) => number,
  most: number,
  mostShort = most,
): Check {
  return (measured, { profile }) => {
    const bound = profile === 'full' ? most : mostShort;
    const value = of(measured);
    return gate(`${what} ${round(value)}${unit} ≤ ${bound}${unit}`, value <= bound);
  };
}

export const round = (value: number): number =>
  Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value);

export const loses =
  (spans: number): Check =>
  (measured) =>
    gate(`${measured.lost} of ${measured.ended} lost, ${spans} allowed`, measured.lost <= spans && measured.ended > 0);

export const losesNothing = loses(0);

/** Attempts that began while the first step of the schedule was in force. */
export function attemptsInWindow({ collector }: Measured): number {
  const [from = 0, until = Number.POSITIVE_INFINITY] = collector.steps;
  return collector.attempts.filter(({ at }) => at >= from && at < until).length;
}

/** MB of RSS above that of the same load without the fault, or else above the highest before it. */
export function rssGrowth({ report, collector, readyAt, timeScale, control }: Measured): number {
  if (control) return (peakRss(report) - peakRss(control.report)) / 1e6;
  const series = report?.series ?? [];
  const faultAt = (collector.steps[0] ?? readyAt) - readyAt;
  const before = series.filter(([ms]) => ms <= Math.max(faultAt, 200 * timeScale)).map(([, , rss]) => rss);
  const base = report?.baseRss ?? Math.max(...before, series[0]?.[2] ?? 0);
  return (peakRss(report) - base) / 1e6;
}

export function peakRss(report: Measured['report']): number {
  return Math.max(0, ...(report?.series ?? []).map(([, , rss]) => rss));
}

/** Milliseconds from the last step of the schedule until all that had ended by then was acknowledged. */
export function recoveryMs({ report, collector, readyAt }: Measured): number {
  const back = collector.steps.at(-1) ?? readyAt;
  const ended = report?.series.findLast(([ms]) => readyAt + ms <= back)?.[1] ?? 0;
  const reached = collector.growth.find(([, acked]) => acked >= ended)?.[0];
  return reached === undefined ? Number.POSITIVE_INFINITY : Math.max(0, reached - back);
}

export const ownLines = ({ stderr }: Measured): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('keeptrace: '));

/**
 * Every span that ended is in exactly one place, and the collector's books say the same.
 *
 * @param otherLines allowed on stderr for what the app itself does wrong
 */
export function law(measured: Measured, otherLines = 0): Gate[] {
  const { report, ended, acked } = measured;
  const stats = report?.stats;
  if (!stats) return [gate('the emitter reported its counts', false)];
  const { accepted, rejected, queued } = stats;
  const dropped = sum(stats.dropped);
  const spooled = stats.spooled ?? 0;
  const places = `${accepted} accepted + ${rejected} rejected + ${dropped} dropped + ${queued} queued + ${spooled} spooled`;
  return [
    gate(`ended ${stats.ended}, as the app counts ${ended}`, stats.ended === ended),
    gate(`${places} = ${stats.ended}`, accepted + rejected + dropped + queued + spooled === stats.ended),
    // An acknowledgement that was lost on its way makes it more there, never fewer.
    gate(`the collector has ${acked} ≥ ${accepted} accepted`, acked >= accepted),
    ...told(measured, stats, otherLines),
  ];
}

/** What is lost is said, to the span; and what is said keeps within bounds. */
function told(measured: Measured, stats: ExportStats, otherLines: number): Gate[] {
  const lines = ownLines(measured);
  const gone = stats.rejected + sum(stats.dropped);
  const said = lines.reduce(
    (total, line) => total + Number(/lost ([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '') ?? 0),
    0,
  );
  const changes = Math.max(1, measured.collector.steps.length);
  const minutes = Math.ceil(((measured.report?.series.at(-1)?.[0] ?? 0) + 1) / 60_000);
  const kinds = Object.keys(stats.dropped).length + (stats.rejected > 0 ? 1 : 0);
  // With deadlines a twentieth as long, a busy machine is one more outage that is told, and its end.
  const busy = measured.timeScale < 1 ? 2 : 0;
  // Start and first batch; each change of state; each kind of loss at once, once a minute, and at the end.
  const most = otherLines + 2 + changes + minutes + kinds * (minutes + 1) + busy;
  const bytes = Buffer.byteLength(measured.stderr);
  return [
    gate(`lines tell of ${said} of ${gone} lost`, said === gone),
    gate(`${lines.length} lines ≤ ${most}`, lines.length <= most),
    gate(`${bytes} bytes on stderr ≤ ${2_048 * minutes}`, bytes <= 2_048 * minutes || measured.exit.code === 1),
  ];
}

export const endsBySignal =
  (name: NodeJS.Signals): Check =>
  (measured) =>
    gate(
      `ended by ${measured.exit.signal ?? `code ${measured.exit.code}`}`,
      measured.exit.signal === name && !measured.cut,
    );

export const endsWith =
  (code: number): Check =>
  (measured) =>
    gate(`ended with ${measured.exit.signal ?? measured.exit.code}, ${code} expected`, measured.exit.code === code);

export const exitsWithin = (ms: number, slackShort = 1_500): Check =>
  atMost('end of the process after', ' ms', ({ exitMs }) => exitMs, ms, ms + slackShort);
