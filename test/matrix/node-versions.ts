// The Node versions of the matrix, installed on demand as the npm package `node` into .cache/.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The oldest supported, the last with asynchronous hooks only in line 22's past, and the newest of each line. */
export const nodeVersions = ['22.15.0', '22.23.3', '24.21.0', '26.10.0'];

export function nodeBinary(version: string): string {
  const folder = join(import.meta.dirname, '../../.cache', `node-${version}`);
  const binary = join(folder, 'node_modules/node/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }\n');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  return binary;
}
