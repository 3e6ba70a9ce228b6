// F22–F26 and the restart of F17: what the spool keeps when processes are killed, files are damaged and disks are full.
import { emit, type Job, type Measured, type Setting } from './emit.ts';
import { type ScheduledCollector, startFaultCollector } from './fault-collector.ts';
import { type Gate, gate, law, losesNothing, ownLines } from './gates.ts';
import type { Row, Variant } from './row.ts';
import { DAMAGES, damage, spoolEnv, spoolFiles, spoolFolder, spoolIsEmpty } from './spool-folder.ts';

/** A lease that is not renewed is void after 10 s, and the look for it comes round every few. */
const ADOPTED_MS = 30_000;
const SEAL_SPANS = 256;
const steady = (seconds: number, rate = 250): Job['work'] => ({ kind: 'steady', rate, seconds, errors: 0.05 });
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

type Within = (context: { setting: Setting; collector: ScheduledCollector; dir: string }) => Promise<Gate[]>;

/** Spool rows share a collector and a folder between their emitters; their waits cannot be shortened. */
function withSpool(name: string, run: Within, more: Partial<Variant> = {}): Variant {
  return {
    name,
    seconds: 60,
    ...more,
    run: async (setting) => {
      const collector = await startFaultCollector({ kind: 'ok' }, undefined, { lean: true });
      const { dir, remove } = spoolFolder();
      try {
        return await run({ setting, collector, dir });
      } finally {
        await collector.close();
        remove();
      }
    },
  };
}

/** A process of the next deployment: it sends what earlier ones left, and ends once nothing comes any more. */
async function successor(
  setting: Setting,
  collector: ScheduledCollector,
  dir: string,
  expected: number,
): Promise<Measured> {
  const enough = () => collector.acked.size >= expected || (collector.acked.has('next-s0') && spoolIsEmpty(dir));
  const waitS = ADOPTED_MS / 1_000;
  // Ends when it has been signalled, which is as soon as everything is there.
  const job: Job = {
    tag: 'next-',
    work: { kind: 'burst', spans: 1 },
    end: { kind: 'alive' },
    signal: { name: 'SIGTERM', when: () => collector.until(enough, waitS * 1_000).catch(() => {}) },
    env: spoolEnv(dir, 'overflow'),
    unscaled: true,
  };
  return emit(setting, job, collector);
}

const restart: Within = async ({ setting, collector, dir }) => {
  await collector.down();
  const job: Job = {
    work: { kind: 'burst', spans: 2_000, errors: 0.05 },
    end: { kind: 'alive' },
    signal: { name: 'SIGTERM' },
    env: { ...spoolEnv(dir, 'overflow'), KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '1000' },
    unscaled: true,
  };
  const first = await emit(setting, job, collector);
  const onDisk = sum(spoolFiles(dir).map(({ spans }) => spans));
  await collector.up();
  await successor(setting, collector, dir, 2_001);
  const arrived = [...collector.acked.keys()].filter((name) => !name.startsWith('next-')).length;
  return [
    gate(`ended by ${first.exit.signal} after ${Math.round(first.exitMs)} ms`, first.exit.signal === 'SIGTERM'),
    gate(`${onDisk} of 2000 on disk`, onDisk === 2_000),
    gate(`${arrived} of 2000 arrived after the restart`, arrived === 2_000),
    ...law(first),
  ];
};

/** Kills at random points, the collector coming and going, and looks at what arrives in the end. */
const chaos =
  (kills: { short: number; full: number }, atOnce: number): Within =>
  async ({ setting, collector, dir }) => {
    const count = setting.profile === 'full' ? kills.full : kills.short;
    let over = false;
    const comeAndGo = (async () => {
      for (let up = true; !over; up = !up) {
        await new Promise((resolve) => setTimeout(resolve, 700));
        await (up ? collector.down() : collector.up());
      }
    })();
    const killed: { tag: string; ended: number }[] = [];
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const tag = `k${next++}-`;
        const kill = { name: 'SIGKILL' as const, afterMs: 100 + Math.random() * 3_000 };
        const env = spoolEnv(dir, 'write-ahead');
        const job: Job = { tag, work: steady(60), end: { kind: 'alive' }, kill, env, unscaled: true };
        const { ended } = await emit(setting, job, collector);
        killed.push({ tag, ended });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    over = true;
    await comeAndGo;
    await collector.up().catch(() => {});
    await successor(setting, collector, dir, sum(killed.map(({ ended }) => ended)));
    const names = [...collector.acked.keys()];
    const lost = killed.map(({ tag, ended }) => ended - names.filter((name) => name.startsWith(tag)).length);
    const worst = Math.max(...lost);
    const mean = Math.round(sum(lost) / lost.length);
    const twice = sum([...collector.acked.values()].map((times) => times - 1));
    const left = spoolFiles(dir).length;
    return [
      gate(`${count} kills: ${mean} lost each, ${worst} at most, ≤ ${SEAL_SPANS}`, worst <= SEAL_SPANS),
      // A process may be killed between the end of a span and the writing down of its count.
      gate('nothing arrived that had not ended', Math.min(...lost) >= -1),
      // What was taken when the process was killed before it knew.
      gate(`${twice} duplicates ≤ ${count * 2 * SEAL_SPANS}`, twice <= count * 2 * SEAL_SPANS),
      gate(`${left} files left`, left === 0),
    ];
  };

const corrupted: Within = async ({ setting, collector, dir }) => {
  await collector.down();
  const job: Job = {
    work: steady(8),
    end: { kind: 'shutdown', settleS: 0 },
    env: { ...spoolEnv(dir, 'write-ahead'), KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '300' },
    unscaled: true,
  };
  const first = await emit(setting, job, collector);
  const files = spoolFiles(dir);
  const hurt = DAMAGES.map((how, n) => ({ how, file: files[1 + n * 2]! })).filter(({ file }) => file !== undefined);
  for (const { how, file } of hurt) damage(file, how);
  const lost = sum(hurt.map(({ file }) => file.spans));
  await collector.up();
  const second = await successor(setting, collector, dir, first.ended - lost + 1);
  const arrived = [...collector.acked.keys()].filter((name) => !name.startsWith('next-')).length;
  const counted = Number(
    /(\d+)/.exec(ownLines(second).find((line) => /bad|damaged|corrupt/i.test(line)) ?? '')?.[1] ?? 0,
  );
  return [
    gate(`${files.length} files, ${hurt.length} damaged with ${lost} spans`, hurt.length === DAMAGES.length),
    gate(`${arrived} of ${first.ended} arrived, ${first.ended - lost} are whole`, arrived === first.ended - lost),
    gate(`it is said (${counted})`, counted > 0),
    ...law(first),
  ];
};

/** A disk that cannot be written: memory does it alone, and that is said once. */
const unwritable = (name: string, more: (dir: string) => Partial<Job> & { dir?: string }): Variant =>
  withSpool(
    name,
    async ({ setting, collector, dir }) => {
      const { dir: other, ...job } = more(dir);
      const schedule = collector.schedule([
        { at: 2, fault: { kind: 'down' } },
        { at: 5, fault: { kind: 'ok' } },
      ]);
      const measured = await emit(
        setting,
        {
          work: steady(6, 500),
          end: { kind: 'shutdown', settleS: 15 },
          unscaled: true,
          env: spoolEnv(other ?? dir, 'write-ahead'),
          ...job,
        },
        collector,
      );
      await schedule;
      const about = ownLines(measured).filter((line) => /spool|disk/i.test(line));
      return [
        losesNothing(measured, setting),
        gate(`ended with ${measured.exit.code}`, measured.exit.code === 0),
        gate(`${about.length} lines about the disk: ${about[0]}`, about.length >= 1 && about.length <= 2),
        ...law(measured, 2),
      ];
    },
    { seconds: 25 },
  );

const shared: Within = async ({ setting, collector, dir }) => {
  await collector.down();
  const env = spoolEnv(dir, 'write-ahead');
  const one = (n: number, kill: boolean): Job => ({
    tag: `p${n}-`,
    work: steady(kill ? 60 : 12),
    end: kill ? { kind: 'alive' } : { kind: 'shutdown', settleS: 30 },
    ...(kill && { kill: { name: 'SIGKILL' as const, afterMs: 4_000 } }),
    env,
    unscaled: true,
  });
  const all = [0, 1, 2, 3].map((n) => emit(setting, one(n, n < 2), collector));
  // Whichever fails first is told below.
  await Promise.allSettled(all.slice(0, 2));
  await collector.up();
  const [a, b, c, d] = (await Promise.all(all)) as [Measured, Measured, Measured, Measured];
  const expected = a.ended + b.ended + c.ended + d.ended;
  if (collector.acked.size < expected - 2 * SEAL_SPANS) await successor(setting, collector, dir, expected);
  const arrived = (n: number) => [...collector.acked.keys()].filter((name) => name.startsWith(`p${n}-`)).length;
  const twice = sum([...collector.acked.values()].map((times) => times - 1));
  return [
    ...[a, b].map(({ ended }, n) =>
      gate(`killed: ${ended - arrived(n)} of ${ended} lost`, ended - arrived(n) <= SEAL_SPANS),
    ),
    ...[c, d].map(({ ended }, n) => gate(`survivor: ${arrived(n + 2)} of ${ended} arrived`, arrived(n + 2) === ended)),
    gate(`${twice} duplicates`, twice === 0),
  ];
};

const filled: Within = async ({ setting, collector, dir }) => {
  await collector.down();
  const seconds = setting.profile === 'full' ? 40 : 8;
  const rate = setting.profile === 'full' ? 2_000 : 5_000;
  const measured = await emit(
    setting,
    {
      work: steady(seconds, rate),
      end: { kind: 'shutdown', settleS: 0 },
      env: { ...spoolEnv(dir, 'write-ahead', 1), KEEPTRACE_SHUTDOWN_TIMEOUT_MS: '300' },
      unscaled: true,
    },
    collector,
  );
  const files = spoolFiles(dir);
  const bytes = sum(files.map((file) => Math.ceil(file.bytes / 4_096) * 4_096));
  const kept = sum(files.filter((file) => file.kept).map(({ spans }) => spans));
  const rest = sum(files.filter((file) => !file.kept).map(({ spans }) => spans));
  const restEnded = measured.ended - measured.endedErrors;
  return [
    gate(`${Math.round(bytes / 1_024)} KiB on disk ≤ 1 MiB and one file`, bytes > 0 && bytes <= 2 ** 20 + 256 * 1_024),
    gate(
      `${kept} of ${measured.endedErrors} with errors on disk, ${rest} of ${restEnded} without`,
      kept === measured.endedErrors,
    ),
    ...law(measured),
  ];
};

export const spoolRows: Row[] = [
  {
    id: 'F17',
    goal: 'with a spool, 0 lost after a restart',
    variants: [withSpool('SIGTERM while the collector is down, then a restart', restart)],
  },
  {
    id: 'F22',
    goal: 'kill -9 with write-ahead: ≤ 1 batch that was not sealed (256 spans, 1 s) for each kill',
    variants: [
      withSpool('kills at random points, the collector coming and going', chaos({ short: 4, full: 100 }, 4), {
        seconds: 300,
      }),
    ],
  },
  {
    id: 'F23',
    goal: 'k damaged files of n: exactly k lost and counted',
    variants: [withSpool('truncated, bit flipped, empty, a folder, removed', corrupted)],
  },
  {
    id: 'F24',
    goal: 'a disk that cannot be written: the app unaffected, memory instead, one line',
    variants: [
      unwritable('files of at most 4 KB', () => ({ shell: 'ulimit -f 8' })),
      unwritable('a file where the folder should be', () => ({ dir: '/dev/null/spool' })),
      unwritable('a folder that cannot be made', () => ({ dir: '/sys/keeptrace/spool' })),
      unwritable('no descriptors left', () => ({
        inside: { kind: 'descriptors', forMs: 3_000 },
        shell: 'ulimit -n 64',
      })),
    ],
  },
  {
    id: 'F25',
    goal: '4 processes share a spool, 2 are killed: survivors adopt, nothing lost beyond F22, 0 duplicates',
    variants: [withSpool('4 processes, 2 killed', shared)],
  },
  {
    id: 'F26',
    goal: 'the spool never exceeds its cap and one file; those without errors go first',
    variants: [withSpool('1 MiB, filled', filled)],
  },
];
