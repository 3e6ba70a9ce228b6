// Counts what an install brings: packages, megabytes, install scripts, modules loaded. Writes docs/performance.md.
// Usage: node bench/footprint.mjs   (installs into temporary folders, so it needs the package registry)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { table, writeSection } from './report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const exact = (name) => `${name}@${devDependencies[name]}`;
const work = mkdtempSync(join(tmpdir(), 'keeptrace-footprint-'));
const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const tarball = join(work, npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', work], root).trim());
const api = exact('@opentelemetry/api');
const candidates = [
  { name: 'keeptrace', install: [tarball, api], load: 'keeptrace/register' },
  {
    name: '@opentelemetry/sdk-node',
    install: [exact('@opentelemetry/sdk-node'), api],
    load: '@opentelemetry/sdk-node',
  },
  {
    name: '@opentelemetry/auto-instrumentations-node',
    install: [exact('@opentelemetry/auto-instrumentations-node'), api],
    load: '@opentelemetry/auto-instrumentations-node/register',
  },
];

const rows = candidates.map(({ name, install, load }, index) => {
  process.stderr.write(`installing ${name}\n`);
  const folder = join(work, String(index));
  execFileSync('mkdir', [folder]);
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true }');
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', ...install], folder);
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  return {
    name,
    packages: installed.length,
    scripts: installed.filter(([, entry]) => entry.hasInstallScript).length,
    megabytes: size(join(folder, 'node_modules')) / 1e6,
    modules: modulesLoaded(folder, load),
  };
});
rmSync(work, { recursive: true });

const lines = table(
  ['package', 'packages', 'MB on disk', 'with an install script', 'modules loaded'],
  rows.map((row) => [`\`${row.name}\``, row.packages, row.megabytes.toFixed(0), row.scripts, row.modules]),
);
writeSection('footprint', `Node ${process.versions.node}, \`node bench/footprint.mjs\`.\n\n${lines}`);
console.log(lines);

const [ours] = rows;
if (ours.packages - 1 > 40 || ours.scripts > 0 || ours.megabytes > 45) {
  console.error(
    `over the budget of 40 packages besides keeptrace itself, 0 install scripts, 45 MB: ${JSON.stringify(ours)}`,
  );
  process.exit(1);
}

function size(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

/** Counted through the synchronous loader hooks, which see both `import` and `require`. */
function modulesLoaded(folder, load) {
  const counter = join(folder, 'count.mjs');
  writeFileSync(
    counter,
    `import { registerHooks } from 'node:module';
     let loaded = 0;
     registerHooks({ load(url, context, next) { if (url.startsWith('file:')) loaded++; return next(url, context); } });
     await import(${JSON.stringify(load)});
     process.stdout.write(String(loaded), () => process.kill(process.pid, 'SIGKILL'));`,
  );
  try {
    execFileSync(process.execPath, [counter], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return Number(error.stdout); // It ends itself by SIGKILL, so that no exporter holds it up.
  }
  throw new Error(`${load} ended before it was counted`);
}
