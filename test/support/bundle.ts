// Makes one file of a fixture, as esbuild makes it of an app: with all that it uses in it, or with its packages outside.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

export interface Bundle {
  file: string;
  remove(): void;
}
export interface BundleOptions {
  /** Default: `cjs`. */
  format?: 'esm' | 'cjs';
  /** Packages stay outside, and are found as the entry would find them. */
  packagesOutside?: boolean;
  /** Modules that are not there, and not needed. */
  absent?: string[];
}

/** @param entry path from the root of the repository */
export async function bundle(entry: string, options: BundleOptions = {}): Promise<Bundle> {
  const { format = 'cjs', packagesOutside = false, absent = [] } = options;
  const folder = mkdtempSync(join(packagesOutside ? dirname(join(root, entry)) : tmpdir(), 'built-'));
  const file = join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
  await build({
    entryPoints: [join(root, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format,
    minify: true,
    keepNames: true,
    logLevel: 'silent',
    external: absent,
    ...(packagesOutside
      ? { packages: 'external' as const }
      : { alias: { 'keeptrace/messaging': join(root, 'dist/esm/messaging.js') } }),
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
