// What the undecided cost in memory as the operating system sees it: floods of traces that nobody decides about, in processes
// of their own, with a small buffer and then, to see that the question can be failed, with hardly any limit.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Gate } from './gates.ts';
import type { Install } from './install.ts';

export const floods = [
  'traces that never end',
  'huge requests',
  'many spans of one trace',
  'requests with one trace id',
  'large attributes',
  'large attributes that never end',
] as const;
export type Flood = (typeof floods)[number];

export interface MemoryLimits {
  bufferMb: number;
  spansPerTrace: number;
}
export const small: MemoryLimits = { bufferMb: 4, spansPerTrace: 2_000 };
export const hardlyAny: MemoryLimits = { bufferMb: 400, spansPerTrace: 1_000_000 };

/** MiB over what the process had before: twice the buffer, since that counts spans alone, and some for the heap's pages. */
export const BOUND_MB = 2 * small.bufferMb + 40;

export interface Weighed {
  /** Resident memory in MiB: before the flood, at most, and when it was over. */
  before: number;
  most: number;
  after: number;
  /** What the heap holds more than before, without garbage. */
  heap: number;
  held: { bytes: number };
  decidedEarly: number;
  exported: number;
}

/** A small nursery, for V8 lets its own grow by a hundred MiB whatever is held, and keeps it. */
const plain = ['--expose-gc', '--max-semi-space-size=4'];

/** @param script service/floods.mjs, where it finds the package */
export async function weigh(script: string, which: readonly Flood[], limits: MemoryLimits): Promise<Weighed> {
  const env = {
    PATH: process.env.PATH ?? '',
    OTEL_SERVICE_NAME: 'flooded',
    KEEPTRACE_BUFFER_MB: String(limits.bufferMb),
    KEEPTRACE_BUFFER_SPANS_PER_TRACE: String(limits.spansPerTrace),
  };
  const args = [...plain, script, ...which];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: dirname(script), env });
  return JSON.parse(stdout) as Weighed;
}

/** Within the bound, by decisions and not by sending it all. */
export const bounded = ({ before, most, after, heap, held, decidedEarly, exported }: Weighed): boolean =>
  Math.max(most, after) - before <= BOUND_MB &&
  heap <= 4 * small.bufferMb &&
  held.bytes <= small.bufferMb * 2 ** 20 &&
  decidedEarly > 0 &&
  exported === 0;

const text = ({ before, most, after }: Weighed): string =>
  `${before.toFixed(0)} MiB before, ${most.toFixed(0)} at most, ${after.toFixed(0)} after`;

export async function memoryPhase({ install }: { install: Install }): Promise<{ gates: Gate[] }> {
  const script = join(dirname(install.service), 'floods.mjs');
  const gates: Gate[] = [];
  for (const flood of floods) {
    const held = await weigh(script, [flood], small);
    const loose = await weigh(script, [flood], hardlyAny);
    gates.push(
      {
        id: 'G10',
        ok: bounded(held),
        says: `a flood of ${flood} with a buffer of ${small.bufferMb} MiB: ${text(held)}`,
      },
      {
        id: 'control',
        ok: loose.most - loose.before > BOUND_MB,
        says: `the same with hardly any limit must fail: ${text(loose)}`,
      },
    );
  }
  return { gates };
}
