// Makes small apps in folders of their own, with the packages they name, and runs the doctor on them.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runChecks } from '../../../../src/cli/doctor/run/checks/index.ts';
import { gatherRunFacts, type RunOptions } from '../../../../src/cli/doctor/run/run.ts';
import { stagesOf } from '../../../../src/cli/doctor/run/stages.ts';

const root = join(import.meta.dirname, '../../../..');

export interface App {
  /** Text by path, package.json too. */
  files: Record<string, string>;
  /** Real packages to link, beside keeptrace and @opentelemetry/api. */
  packages?: string[];
  command?: string[];
  env?: Record<string, string>;
  seconds?: number;
  traces?: number;
  graceMs?: number;
}

export function makeApp({ files, packages = [] }: Pick<App, 'files' | 'packages'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-app-'));
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const dependencies = Object.fromEntries(packages.map((name) => [name, '*']));
  write('package.json', JSON.stringify({ name: 'shop', version: '1.0.0', dependencies }));
  for (const [name, text] of Object.entries(files)) write(name, text);
  link(root, join(folder, 'node_modules/keeptrace'));
  for (const name of ['@opentelemetry/api', ...packages]) {
    link(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** Sends itself requests, one after the other, and ends: the body of most apps here. */
export const REQUESTS = (count: number, headers = '{}') => `
server.listen(0, async () => {
  const url = 'http://127.0.0.1:' + server.address().port;
  for (let i = 0; i < ${count}; i++) await fetch(url + '/orders/' + (1000 + i), { headers: ${headers} }).then((r) => r.text());
  server.close();
});
`;

/** @param node what `node` in a command stands for */
export async function examine(app: App, node = process.execPath) {
  const cwd = makeApp(app);
  const { command = ['node', 'server.cjs'], env = {}, seconds = 40, traces = 50, graceMs = 7_000 } = app;
  const [file, ...args] = command;
  const options: RunOptions = {
    seconds,
    traces,
    graceMs,
    cwd,
    output: process.env.SHOW ? 'inherit' : 'ignore',
    env: { PATH: process.env.PATH ?? '', OTEL_SERVICE_NAME: 'shop', ...env },
  };
  try {
    const facts = await gatherRunFacts([file === 'node' ? node : file!, ...args], options);
    const findings = runChecks(facts);
    return { facts, findings, stages: stagesOf(facts), codes: findings.map(({ code }) => code) };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
