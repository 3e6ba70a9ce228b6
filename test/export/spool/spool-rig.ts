// A spool in a folder of its own, with a clock that the test moves and a file system that it can break.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type FileSpool, openSpool, type SpoolOptions, type SpoolWorld } from '../../../src/export/spool/spool.ts';
import type { SpoolEntry } from '../../../src/export/spool/spool-contract.ts';
import { realFs, type SpoolClock, type SpoolFs } from '../../../src/export/spool/spool-io.ts';

export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'keeptrace-spool-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Time stands still until `pass`; what was due by then runs, in order. */
export class TestClock implements SpoolClock {
  now = 100_000;
  /** Milliseconds between the wall clock and uptime: the wall clock is stepped by changing it. */
  wallOffset = Date.UTC(2026, 10, 21);
  #due: { at: number; run: () => void }[] = [];
  uptime = () => this.now;
  wall = () => this.wallOffset + this.now * 1000;
  later = (ms: number, run: () => void) => this.#at(this.now + ms / 1000, run);
  soon = (run: () => void) => this.#at(this.now, run);

  /** Seconds. */
  pass(seconds: number): void {
    const until = this.now + seconds;
    for (;;) {
      this.#due.sort((a, b) => a.at - b.at);
      const first = this.#due[0];
      if (!first || first.at > until) break;
      this.#due.shift();
      this.now = Math.max(this.now, first.at);
      first.run();
    }
    this.now = until;
  }

  #at(at: number, run: () => void): () => void {
    const entry = { at, run };
    this.#due.push(entry);
    return () => {
      this.#due = this.#due.filter((other) => other !== entry);
    };
  }
}

export interface Rig {
  dir: string;
  spool: FileSpool;
  clock: TestClock;
  problems: string[];
  lost: { reason: string; spans: number; own: boolean }[];
}

export type RigOptions = Partial<SpoolOptions> & { world?: Partial<SpoolWorld>; clock?: TestClock };

/** As `openRig`, for a folder that may not be usable. */
export function tryRig({ world, clock = new TestClock(), ...options }: RigOptions = {}): Omit<Rig, 'spool'> & {
  spool: FileSpool | undefined;
} {
  const dir = options.dir ?? join(scratch(), 'spool');
  const problems: string[] = [];
  const lost: Rig['lost'] = [];
  const spool = openSpool(
    {
      dir,
      maxBytes: 64 * 2 ** 20,
      maxAgeMs: 24 * 3_600_000,
      destination: 'https://collector.example/v1/traces',
      on: {
        problem: (message) => problems.push(message),
        lost: (reason, spans, own) => lost.push({ reason, spans, own }),
      },
      ...options,
    },
    { clock, ...world },
  );
  return { dir, spool, clock, problems, lost };
}

export function openRig(options: RigOptions = {}): Rig {
  const rig = tryRig(options);
  if (!rig.spool) throw new Error(rig.problems.join('\n'));
  const { spool } = rig;
  onTestFinished(() => spool.close());
  return { ...rig, spool };
}

export type SpoolBatch = Parameters<FileSpool['put']>[0];

let number = 0;
export function batch(options: Partial<SpoolBatch> & { clock?: TestClock } = {}): SpoolBatch {
  const { clock, ...rest } = options;
  const createdAt = clock?.wall() ?? Date.now();
  return { bytes: Buffer.from(`batch ${++number}`), spanCount: 1, lane: 'rest', createdAt, ...rest };
}

/** Puts a batch and lets go of it, as when memory is short. */
export function store(rig: Pick<Rig, 'spool' | 'clock'>, options: Partial<SpoolBatch> = {}): SpoolEntry {
  const entry = rig.spool.put(batch({ clock: rig.clock, ...options }));
  if (!entry) throw new Error('was not written');
  rig.spool.release(entry);
  return entry;
}

/** Everything `next` gives, read and done. */
export function drain(spool: FileSpool): { text: string; spans: number; lane: string; own: boolean }[] {
  const all: ReturnType<typeof drain> = [];
  for (let entry = spool.next(); entry; entry = spool.next()) {
    const bytes = spool.read(entry);
    if (bytes) {
      all.push({ text: Buffer.from(bytes).toString(), spans: entry.spanCount, lane: entry.lane, own: entry.own });
      spool.done(entry);
    }
  }
  return all;
}

/** Paths of all files below, but for leases. */
export function filesIn(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name !== 'lease')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A file system in which some calls are replaced. */
export const brokenFs = (calls: Partial<SpoolFs>): SpoolFs => ({ ...realFs, ...calls });

export const failing = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code });
};
