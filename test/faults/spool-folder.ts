// A spool's folder seen from outside: what lies in it, and how it is damaged.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SpoolFile {
  path: string;
  kept: boolean;
  spans: number;
  bytes: number;
}

export function spoolFolder(): { dir: string; remove(): void } {
  const above = mkdtempSync(join(tmpdir(), 'keeptrace-spool-'));
  return { dir: join(above, 'spool'), remove: () => rmSync(above, { recursive: true, force: true }) };
}

/** The variables that switch the spool on. */
export function spoolEnv(dir: string, mode: 'overflow' | 'write-ahead', maxMb = 64): Record<string, string> {
  return { KEEPTRACE_SPOOL_DIR: dir, KEEPTRACE_SPOOL_MODE: mode, KEEPTRACE_SPOOL_MB: String(maxMb) };
}

/** Nothing waits; a folder that is being taken apart may be gone between two looks at it. */
export function spoolIsEmpty(dir: string): boolean {
  try {
    return spoolFiles(dir).length === 0;
  } catch {
    return false;
  }
}

/** Batches by their names, `k-<created>-<sequence>-<spans>-<size>.batch` in base 36, the oldest first. */
export function spoolFiles(dir: string): SpoolFile[] {
  const files: SpoolFile[] = [];
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const [, lane, spans = '', size = ''] = /([kr])-\w+-\w+-(\w+)-(\w+)\.batch$/.exec(name) ?? [];
    const path = join(dir, name);
    if (lane)
      files.push({ path, kept: lane === 'k', spans: Number.parseInt(spans, 36), bytes: Number.parseInt(size, 36) });
  }
  return files;
}

export type Damage = 'truncated' | 'bit flipped' | 'empty' | 'a folder' | 'removed';
export const DAMAGES: readonly Damage[] = ['truncated', 'bit flipped', 'empty', 'a folder', 'removed'];

export function damage({ path, bytes }: SpoolFile, how: Damage): void {
  if (how === 'truncated') truncateSync(path, Math.floor(bytes / 2));
  if (how === 'empty') truncateSync(path, 0);
  if (how === 'bit flipped') {
    const content = readFileSync(path);
    content[Math.floor(bytes / 2)]! ^= 1;
    writeFileSync(path, content);
  }
  if (how === 'a folder' || how === 'removed') rmSync(path);
  if (how === 'a folder') mkdirSync(path);
}
