// Owns the folder in which the probes leave their facts: made for one run, readable by this user alone.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ThreadFacts } from './facts.ts';

export interface ProbeFolder {
  /** What is to be preloaded. */
  probe: string;
  /** Newest facts of every thread that wrote any. */
  read(): ThreadFacts[];
  remove(): void;
}

/** @param root folder of keeptrace's package, whose build the probe is a part of */
export function openProbeFolder(root: string, home: string): ProbeFolder {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-doctor-'));
  const probe = join(folder, 'probe.cjs');
  const start = `require(${JSON.stringify(join(root, 'dist/cjs/doctor-probe.js'))}).watch(__dirname, ${JSON.stringify(join(home, 'dist'))})`;
  writeFileSync(probe, `try { ${start} } catch {}\n`);
  const known = new Map<string, ThreadFacts>();
  return {
    probe,
    read() {
      for (const name of readdirSync(folder)) {
        if (!name.endsWith('.json')) continue;
        try {
          known.set(name, JSON.parse(readFileSync(join(folder, name), 'utf8')));
        } catch {
          // It is being written; the next look gets it, and the last one before counts until then.
        }
      }
      return [...known.values()];
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
