// Makes one file of a fixture and all that it uses, as esbuild makes it of an app.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

export interface Bundle {
  file: string;
  remove(): void;
}

/** @param entry path from the root of the repository */
export async function bundle(entry: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-bundle-'));
  const file = join(folder, 'app.cjs');
  await build({
    entryPoints: [join(root, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
    logLevel: 'silent',
    alias: { 'keeptrace/messaging': join(root, 'dist/esm/messaging.js') },
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
