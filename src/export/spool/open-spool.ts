// Picks the spool that the settings name, for what the destination can be sent again.
import type { Destination } from '../destination/destination-contract.ts';
import { openSpool } from './spool.ts';
import type { OpenSpool } from './spool-contract.ts';
import type { SpoolSync } from './spool-disk.ts';

export interface SpoolSettings {
  spool: { dir: string | undefined; maxMb: number; sync: SpoolSync };
  endpoint: string;
  protocol: string;
}

/** A batch that nobody took for a day tells nothing any more that is worth the disk. */
const MAX_AGE_MS = 24 * 3_600_000;

/** @returns undefined when no folder is set */
export function spoolFor(
  { spool, endpoint, protocol }: SpoolSettings,
  destination: Destination,
): OpenSpool | undefined {
  const { dir, maxMb, sync } = spool;
  if (dir === undefined || destination.discards) return undefined;
  return (on) => {
    if (!destination.remote) {
      on.problem('the spool is for OTLP over HTTP; spans for another exporter wait in memory only');
      return undefined;
    }
    // The same place in the other encoding is another destination: files hold ready requests.
    const address = `${protocol} ${endpoint}`;
    return openSpool({ dir, maxBytes: maxMb * 2 ** 20, maxAgeMs: MAX_AGE_MS, destination: address, sync, on });
  };
}
