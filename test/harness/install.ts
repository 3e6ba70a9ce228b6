// Puts the package as its users get it into a folder of its own, beside the services. One folder per content of the
// tarball, so that only a changed package is installed again.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Install {
  folder: string;
  /** Path of the service's script. */
  service: string;
  /** For the report. */
  what: string;
  remove(): void;
}

/** @param link use `dist` of this repository instead of the tarball: quicker, but not what is shipped */
export function installPackage(link = false): Install {
  const work = mkdtempSync(join(tmpdir(), 'keeptrace-harness-'));
  writeFileSync(join(work, 'package.json'), '{ "name": "harness", "private": true, "type": "module" }');
  const { folder, what } = link ? linked(work) : packed(work);
  const copy = mkdtempSync(join(folder, 'service-'));
  cpSync(join(import.meta.dirname, 'service'), copy, { recursive: true });
  const remove = () => {
    for (const path of [copy, work]) rmSync(path, { recursive: true, force: true });
  };
  return { folder, service: join(copy, 'service.ts'), what, remove };
}

function linked(folder: string) {
  mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/keeptrace'));
  symlinkSync(join(root, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'));
  return { folder, what: 'dist of this repository' };
}

function packed(work: string) {
  const npm = (args: string[]) =>
    execFileSync('npm', args, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const name = npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', work, root]).trim();
  const digest = createHash('sha256')
    .update(readFileSync(join(work, name)))
    .digest('hex')
    .slice(0, 12);
  const folder = join(tmpdir(), `keeptrace-harness-${digest}`);
  if (!existsSync(folder)) {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const api = `@opentelemetry/api@${devDependencies['@opentelemetry/api']}`;
    npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `./${name}`, api]);
    try {
      renameSync(work, folder);
    } catch {
      // Another run was quicker.
    }
  }
  return { folder, what: `packed tarball ${name} (${digest})` };
}
