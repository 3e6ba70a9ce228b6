// Whether many emitters come back as one: request rates after the return, and how alike their retries are.
import type { ScheduledCollector } from './fault-collector.ts';
import { type Gate, gate } from './gates.ts';

const BIN_MS = 1_000;
/** Every emitter notices the fault with its next batch, so the first seconds are alike by nature. */
const NOTICED_MS = 3_000;

export function herdGates(collector: ScheduledCollector): Gate[] {
  const [from = 0, until = 0] = collector.steps;
  const { requests } = collector;
  const within = (start: number, end: number) => requests.filter(({ at }) => at >= start && at < end).length;
  const steady = within(from - 8_000, from) / 8;
  let most = 0;
  for (let start = until; start < until + 35_000; start += BIN_MS / 10)
    most = Math.max(most, within(start, start + BIN_MS));

  const bins = Math.floor((until - from - NOTICED_MS) / BIN_MS);
  const retries = new Map<unknown, number[]>();
  for (const { at, headers } of requests) {
    const bin = Math.floor((at - from - NOTICED_MS) / BIN_MS);
    if (bin < 0 || bin >= bins) continue;
    const emitter = headers['x-emitter'];
    const own = retries.get(emitter) ?? Array<number>(bins).fill(0);
    own[bin] = 1;
    retries.set(emitter, own);
  }
  const all = [...retries.values()];
  const pairs = all.flatMap((one, n) => all.slice(n + 1).map((other) => correlation(one, other)));
  const mean = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  return [
    gate(
      `${most} requests in the busiest second after the return, ${steady.toFixed(1)} before, ≤ 2×`,
      most <= 2 * steady,
    ),
    gate(`retries of ${all.length} emitters correlate by ${mean.toFixed(2)} < 0.2`, mean < 0.2),
  ];
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, n) => (value - ma) * (b[n]! - mb)));
  const deviation = (values: readonly number[], m: number) => Math.sqrt(mean(values.map((value) => (value - m) ** 2)));
  return covariance / (deviation(a, ma) * deviation(b, mb) || 1);
}
