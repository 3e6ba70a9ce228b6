// npm run faults: every goal row at full length, with the official SDK on the same faults in the same run.
// Usage: node scripts/faults.ts [--row F1 …] [--profile full|short] [--protocol protobuf|json] [--node PATH]
//                               [--no-official] [--bare] [--packed] [--soak] [--mutate NAME|all] [--write]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSection } from '../bench/report.mjs';
import type { Setting } from '../test/faults/emit.ts';
import { mutations } from '../test/faults/mutations.ts';
import { gateLines, sideBySide, summary } from '../test/faults/report.ts';
import type { Outcome, Row, Variant } from '../test/faults/row.ts';
import { rows } from '../test/faults/rows.ts';
import { pool, runVariant } from '../test/faults/run-row.ts';
import { installPackage } from '../test/harness/install.ts';
import { createProgress } from './demo-progress.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    /** Only these. */
    row: { type: 'string', multiple: true, default: [] },
    profile: { type: 'string', default: 'full' },
    protocol: { type: 'string', default: 'protobuf' },
    /** Binary of the emitters. */
    node: { type: 'string' },
    official: { type: 'boolean', default: true },
    /** In place of keeptrace the classes of the SDK with a processor that does nothing: what spans take by themselves. */
    bare: { type: 'boolean', default: false },
    /** Installs the packed tarball in place of dist of this repository. */
    packed: { type: 'boolean', default: false },
    /** F34 for its whole half hour. */
    soak: { type: 'boolean', default: false },
    /** Takes out one mechanism, or each in turn; passes when a row is missed that must be. Short profile. */
    mutate: { type: 'string' },
    /** Writes the tables into docs/exporting.md. */
    write: { type: 'boolean', default: false },
  },
});
// The tables are those of keeptrace.
if (values.bare && values.write) throw new TypeError('--bare measures another SDK: leave --write out');
/** Those that wait can share the machine. */
const AT_ONCE = 12;

const install = values.packed ? installPackage() : undefined;
const profile = values.profile === 'short' || values.mutate ? 'short' : 'full';
const setting: Setting = {
  profile,
  sdk: values.bare ? 'bare' : 'keeptrace',
  timeScale: profile === 'full' ? 1 : 1 / 20,
  protocol: values.protocol === 'json' ? 'http/json' : 'http/protobuf',
  from: install ? join(install.folder, 'package.json') : join(import.meta.dirname, '../package.json'),
  ...(values.node && { node: values.node }),
  ...(values.soak && { soak: true }),
};
const started = performance.now();
const minutes = () => ((performance.now() - started) / 60_000).toFixed(1);
const wanted = rows.filter(({ id }) => values.row.length === 0 || values.row.includes(id));
const tasks = wanted
  .flatMap((row) => row.variants.map((variant) => ({ row, variant })))
  .filter(({ variant }) => profile === 'full' || !variant.fullOnly);
const progress = createProgress(process.stderr);
let done = 0;

const run = async ({ row, variant }: { row: Row; variant: Variant }): Promise<Outcome> => {
  const official = values.official && profile === 'full';
  const outcome = await runVariant(row, variant, setting, official).catch((error: unknown) => ({
    row,
    variant,
    gates: [{ says: `could not be run: ${error}`, ok: false }],
  }));
  done++;
  progress.end();
  process.stderr.write(`${minutes().padStart(5)} min ${done}/${tasks.length}\n${gateLines([outcome])}\n`);
  return outcome;
};
const inTurns = (some: typeof tasks, width: number) =>
  pool(
    some.map((one) => () => run(one)),
    width,
  );

const tell = (error: unknown): string[] => {
  console.log(error);
  return [];
};

/** Variants that hold as they are: only of these does it say something when they are missed. */
const sound = new Map<Variant, Promise<boolean>>();

/** @returns whether a row was missed that must be */
async function mutate(name: string): Promise<boolean> {
  const mutation = mutations[name]!;
  const concerned = tasks.filter(({ row }) => mutation.red.includes(row.id));
  const missed: string[] = [];
  const attempt = async ({ row, variant }: { row: Row; variant: Variant }, mutated: Setting): Promise<string[]> => {
    const { gates } = await runVariant(row, variant, mutated);
    return gates.filter(({ ok }) => !ok).map(({ says }) => `${row.id} ${variant.name}: ${says}`);
  };
  const judge = async (one: { row: Row; variant: Variant }) => {
    const holds =
      sound.get(one.variant) ??
      attempt(one, setting).then(
        ({ length }) => length === 0,
        () => false,
      );
    sound.set(one.variant, holds);
    if (!(await holds)) return;
    // A mutation that cannot be run proves nothing.
    missed.push(...(await attempt(one, { ...setting, mutation }).catch(tell)));
  };
  await pool(
    concerned.map((one) => () => judge(one)),
    4,
  );
  console.log(`${missed.length > 0 ? ' ok ' : 'FAIL'} ${name}: ${mutation.says}`);
  for (const says of missed.slice(0, 2)) console.log(`       ${says}`);
  return missed.length > 0;
}

if (values.mutate) {
  let held = true;
  for (const name of values.mutate === 'all' ? Object.keys(mutations) : [values.mutate]) {
    held = (await mutate(name)) && held;
  }
  install?.remove();
  process.exit(held ? 0 : 1);
}

try {
  const quiet = await inTurns(
    tasks.filter(({ variant }) => variant.quiet),
    1,
  );
  // The longest first, so that no single one is left at the end.
  const waiting = await inTurns(
    tasks.filter(({ variant }) => !variant.quiet).sort((a, b) => (b.variant.seconds ?? 85) - (a.variant.seconds ?? 85)),
    AT_ONCE,
  );
  const place = (outcome: Outcome) => tasks.findIndex(({ variant }) => variant === outcome.variant);
  const outcomes = [...quiet, ...waiting].sort((a, b) => place(a) - place(b));
  const versions = setting.node ?? `Node ${process.versions.node}`;
  const head = `${versions}, ${setting.protocol}, ${install?.what ?? 'dist of this repository'}, ${minutes()} min, \`npm run faults\`.`;
  const text = `${head}\n\n${summary(outcomes)}\n\n${sideBySide(outcomes)}`;
  console.log(text);
  if (values.write) writeSection('faults', text, 'exporting.md');
  const held = outcomes.every(({ gates }) => gates.every(({ ok }) => ok));
  process.exitCode = held ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  install?.remove();
  // Whatever an emitter or a collector has left open holds nothing that is still wanted.
  process.exit();
}
