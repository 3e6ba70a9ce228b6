// Several processes, one folder, and kill -9. `KEEPTRACE_CHAOS_SECONDS=600` makes the chaos longer.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type App, runApp } from '../../support/processes.ts';
import { filesIn } from './spool-rig.ts';

const fixture = join(import.meta.dirname, '../fixtures/spool-process.ts');
const flags = process.features.typescript ? [] : ['--experimental-strip-types'];
/** Leases last two seconds instead of ten. */
const SPEED = 5;

interface Runner {
  dir: string;
  /** Ends those that send. */
  stop(): void;
  start(name: string, job?: object, shell?: string): Run;
}

interface Run {
  app: App;
  lines(): string[];
}

function runner(): Runner {
  // Not below a folder that only this user may enter: some of the processes run as another.
  const base = mkdtempSync(join(tmpdir(), 'keeptrace-spools-'));
  chmodSync(base, 0o755);
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const dir = join(base, 'spool');
  return {
    dir,
    stop: () => writeFileSync(`${dir}.stop`, ''),
    start(name, job = {}, shell) {
      const journal = join(base, `${name}.journal`);
      const defaults = { dir, journal, name, batches: 0, everyMs: 0, sendMs: 0, bytes: 2000, sends: false };
      const args = [...flags, '--no-warnings', fixture, JSON.stringify({ ...defaults, speed: SPEED, ...job })];
      const app = shell
        ? runApp({ node: '/bin/sh', args: ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args] })
        : runApp({ args });
      return {
        app,
        lines: () => {
          try {
            return readFileSync(journal, 'utf8').split('\n').filter(Boolean);
          } catch {
            return [];
          }
        },
      };
    },
  };
}

const ids = (lines: string[], word: string): string[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

const until = async (what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> => {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not happen`);
    await sleep(20);
  }
};

const statsOf = (lines: string[]): Record<string, number> => JSON.parse(ids(lines, 'end').at(-1) ?? '{}');

const unsent = (lines: string[]): string[] => {
  const sent = new Set(ids(lines, 'sent'));
  return ids(lines, 'put').filter((id) => !sent.has(id));
};

/** Every batch whose writing was confirmed is sent, and twice only what a killed process had sent last. */
function expectNothingLost(journals: { lines: string[]; killed: boolean }[]): void {
  const all = journals.flatMap(({ lines }) => lines);
  const sent = ids(all, 'sent');
  expect(unsent(all)).toEqual([]);
  const mayRepeat = new Set(journals.filter(({ killed }) => killed).map(({ lines }) => ids(lines, 'sent').at(-1)));
  const repeated = sent.filter((id, index) => sent.indexOf(id) !== index);
  expect(repeated.filter((id) => !mayRepeat.has(id))).toEqual([]);
  // A file that was never finished is counted, and belongs to a killed process.
  const unfinished = ids(all, 'lost');
  expect(unfinished.length).toBeLessThanOrEqual(journals.filter(({ killed }) => killed).length);
  expect(new Set(unfinished)).toEqual(new Set(unfinished.length > 0 ? ['corrupt 1 false'] : []));
}

test('two of four processes are killed: the others send what they left, each batch once', async () => {
  const { dir, start, stop } = runner();
  const runs = ['a', 'b', 'c', 'd'].map((name, index) => {
    const killed = index < 2;
    const run = start(name, { batches: killed ? 100_000 : 300, everyMs: 3, sends: !killed, sendMs: 60_000 });
    return { killed, ...run };
  });
  for (const run of runs.slice(0, 2)) {
    await until('writing', () => ids(run.lines(), 'put').length > 60);
    run.app.kill('SIGKILL');
    await run.app.exit;
  }
  await until('writing', () => runs.slice(2).every(({ lines }) => ids(lines(), 'put').length === 300));
  await until('sending', () => unsent(runs.flatMap(({ lines }) => lines())).length === 0);
  // Only the folders of the living are left.
  await until('clearing', () => readdirSync(dir).length === 2);
  stop();
  for (const run of runs.slice(2)) expect((await run.app.exit).code).toBe(0);
  expectNothingLost(runs.map(({ killed, lines }) => ({ killed, lines: lines() })));
  expect(readdirSync(dir)).toEqual([]);
}, 60_000);

test(
  'kill -9 at random moments, again and again: nothing that was written is lost',
  async () => {
    const { dir, start, stop } = runner();
    const end = Date.now() + Number(process.env.KEEPTRACE_CHAOS_SECONDS ?? 4) * 1000;
    const journals: { lines: string[]; killed: boolean }[] = [];
    let number = 0;
    async function killed(job: object, withinMs: number): Promise<void> {
      const run = start(`p${number++}`, job);
      await until('a start', () => ids(run.lines(), 'opened').length > 0);
      await sleep(Math.random() * withinMs);
      run.app.kill('SIGKILL');
      await run.app.exit;
      journals.push({ lines: run.lines(), killed: true });
    }
    async function lane(): Promise<void> {
      while (Date.now() < end) {
        // Writes until it is killed …
        await killed({ batches: 100_000, everyMs: number % 2, bytes: 9000 }, 300);
        // … and this one sends what others left, and is killed at that.
        await killed({ batches: 5, sends: true, sendMs: 60_000 }, 900);
      }
    }
    await Promise.all([lane(), lane()]);
    const last = start('last', { sends: true, sendMs: 60_000 });
    const written = journals.flatMap(({ lines }) => lines);
    await until('sending', () => unsent([...written, ...last.lines()]).length === 0);
    await until('clearing', () => readdirSync(dir).length === 1);
    stop();
    expect((await last.app.exit).code).toBe(0);
    journals.push({ lines: last.lines(), killed: false });
    expectNothingLost(journals);
    const put = journals.flatMap(({ lines }) => ids(lines, 'put')).length;
    expect(put).toBeGreaterThan(30);
    expect(readdirSync(dir)).toEqual([]);
    console.info(`${journals.length - 1} kills, ${put} batches written`);
  },
  Number(process.env.KEEPTRACE_CHAOS_SECONDS ?? 5) * 1000 + 60_000,
);

test('a spool that nobody closes does not hold the process, and leaves its files', async () => {
  const { dir, start } = runner();
  const run = start('a', { batches: 3, closes: false });
  const { code, ms } = await run.app.exit;
  expect(code).toBe(0);
  expect(ms).toBeLessThan(8_000);
  expect(filesIn(dir)).toHaveLength(3);
});

// As in containers, where every process is number 1, and where uptimes may differ.
test.each([
  ['with the same number', ['--pid', '--fork', '--kill-child']],
  ['with other uptimes', ['--time', '--monotonic', '100000', '--pid', '--fork', '--kill-child']],
])(
  'processes %s take over from each other, and only from the dead',
  async (_, options) => {
    try {
      execFileSync('unshare', [...options, 'true'], { stdio: 'ignore' });
    } catch {
      console.info(`skipped: unshare ${options.join(' ')} is not possible here`);
      return;
    }
    const { start } = runner();
    const inside = `exec unshare ${options.join(' ')} "$0" "$@"`;
    const dead = start('dead', { batches: 50, everyMs: 2, sends: false, sendMs: 0, closes: false }, inside);
    await dead.app.exit;
    const sender = start('sender', { sends: true, sendMs: 60_000 }, inside);
    await until('sending', () => unsent([...dead.lines(), ...sender.lines()]).length === 0);
    const living = start('living', { batches: 100_000, everyMs: 20, closes: false }, inside);
    await until('writing', () => ids(living.lines(), 'put').length > 0);
    // More than a lease.
    await sleep(3_000);
    for (const { lines } of [dead, living, sender]) expect(lines()[0]).toBe('opened by process 1');
    expect(ids(sender.lines(), 'sent').filter((id) => !id.startsWith('dead'))).toEqual([]);
    expect(ids(living.lines(), 'problem').join()).not.toContain('taken over');
    for (const run of [living, sender]) {
      run.app.kill('SIGKILL');
      await run.app.exit;
    }
  },
  60_000,
);

describe('limits that the system sets', () => {
  test.each(['ulimit -f 4', 'ulimit -f 0'])(
    '%s: files cut short are no batches, and the process lives',
    async (limit) => {
      const { dir, start } = runner();
      const run = start('a', { batches: 3, bytes: 100_000, journal: 'stdout' }, limit);
      const { code, signal } = await run.app.exit;
      expect([code, signal]).toEqual([0, null]);
      expect(run.app.stdout()).toMatch(/Fix: raise the size that a file may have|ulimit -f/);
      expect(run.app.stdout()).not.toMatch(/^put /m);
      expect(filesIn(dir)).toEqual([]);
    },
  );

  test('without free descriptors batches stay in memory, and are written again afterwards', async () => {
    const { start } = runner();
    const run = start('a', { batches: 60, everyMs: 10, hogDescriptors: true, speed: 1 }, 'ulimit -n 64');
    expect((await run.app.exit).code).toBe(0);
    const lines = run.lines();
    expect(ids(lines, 'failed').length).toBeGreaterThan(3);
    expect(ids(lines, 'put').length).toBeGreaterThan(3);
    expect(ids(lines, 'put').at(-1)).toBe('a#59');
    expect(ids(lines, 'problem')).toEqual([expect.stringMatching(/EMFILE.*ulimit -n/)]);
    expect(statsOf(lines).failedWrites).toBe(ids(lines, 'failed').length);
  });

  test('umask 000 opens nothing to others, and umask 777 is told', async () => {
    const { dir, start } = runner();
    expect((await start('a', { batches: 3 }, 'umask 000').app.exit).code).toBe(0);
    const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name));
    expect(paths).toHaveLength(4);
    for (const path of [dir, ...paths]) expect(statSync(path).mode & 0o077).toBe(0);
    if (process.geteuid?.() === 0) return;
    const closed = start('b', { batches: 3, dir: `${dir}2`, journal: 'stdout' }, 'umask 777');
    await closed.app.exit;
    expect(closed.app.stdout()).toContain('refused');
  });
});

/** Some user that is not this one. */
const STRANGER = 65_534;
const canBecome = process.geteuid?.() === 0;

// Only root may start processes as somebody else; elsewhere the rules are covered by spool-faults.test.ts.
describe.skipIf(!canBecome)('as a user without rights (needs root to become one)', () => {
  const refusal = async (prepare: (dir: string) => string | undefined): Promise<string> => {
    const { dir, start } = runner();
    const journal = 'stdout';
    const run = start('a', { batches: 2, uid: STRANGER, journal, dir: prepare(dir) ?? dir });
    expect((await run.app.exit).code).toBe(0);
    return run.app.stdout();
  };

  test('a folder of its own is fine', async () => {
    const text = await refusal((dir) => {
      mkdirSync(dir, { mode: 0o700 });
      chownSync(dir, STRANGER, STRANGER);
      return undefined;
    });
    expect(text).toContain('put a#1');
  });

  test('a folder that it may not enter is told with the fix', async () => {
    const text = await refusal((dir) => {
      mkdirSync(dir, { mode: 0o700 });
      return undefined;
    });
    expect(text).toMatch(/problem .*EACCES.*let this user write there/);
    expect(text).toContain('refused');
  });

  test("another user's folder is refused, even if it is open", async () => {
    const text = await refusal((dir) => {
      mkdirSync(dir);
      chmodSync(dir, 0o777);
      chownSync(dir, 12_345, 12_345);
      return undefined;
    });
    expect(text).toMatch(/belongs to the user 12345 and this process runs as 65534/);
  });

  test('a folder open to all is refused unless it is sticky', async () => {
    const open = (mode: number) => (dir: string) => {
      mkdirSync(dir);
      chmodSync(dir, mode);
      return undefined;
    };
    expect(await refusal(open(0o777))).toMatch(/writable by every user and not sticky/);
    expect(await refusal(open(0o1777))).toContain('put a#1');
  });

  test('batches of another user in the same folder are left alone', async () => {
    const { dir, start } = runner();
    mkdirSync(dir);
    chmodSync(dir, 0o1777);
    await start('root', { batches: 3 }).app.exit;
    const run = start('stranger', { uid: STRANGER, sends: true, sendMs: 800, journal: 'stdout' });
    await run.app.exit;
    expect(run.app.stdout()).not.toContain('sent');
    expect(filesIn(dir)).toHaveLength(3);
  });

  test('a file system that cannot be written is told with the fix', async ({ skip }) => {
    const { dir, start } = runner();
    mkdirSync(dir);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', dir], { stdio: 'ignore' });
    } catch {
      skip('mounting is not allowed here');
    }
    try {
      const run = start('a', { batches: 2, journal: 'stdout' });
      await run.app.exit;
      expect(run.app.stdout()).toMatch(/problem .*EROFS.*volume that can be written/);
    } finally {
      execFileSync('umount', [dir]);
    }
  });

  test('a full disk is told with the fix, and what is on it stays', async ({ skip }) => {
    const { dir, start } = runner();
    mkdirSync(dir);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', dir], { stdio: 'ignore' });
    } catch {
      skip('mounting is not allowed here');
    }
    try {
      const run = start('a', { batches: 200, bytes: 9000, journal: 'stdout', sends: true, sendMs: 300 });
      await run.app.exit;
      const lines = run.app.stdout().split('\n');
      expect(ids(lines, 'failed').length).toBeGreaterThan(100);
      expect(ids(lines, 'problem')).toEqual([expect.stringMatching(/(ENOSPC|SHORT_WRITE).*free space/)]);
      expect(ids(lines, 'sent').sort()).toEqual(ids(lines, 'put').sort());
    } finally {
      execFileSync('umount', [dir]);
    }
  });
});
