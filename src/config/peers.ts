// Checks one entry of a list of peers: an IP address, or a range in CIDR notation.
import { isIP } from 'node:net';
import { lookup } from './lookup.ts';
import type { Fault } from './row.ts';
import { printable } from './sentence.ts';

export const PEERS = 'a comma-separated list of addresses and CIDR ranges';

/** Names are not looked up: what a name resolves to is not what stands at the other end of a connection. */
const MEANT: Record<string, string> = {
  localhost: '127.0.0.0/8',
  loopback: '127.0.0.0/8',
  private: '10.0.0.0/8',
  '10.*': '10.0.0.0/8',
  '192.168.*': '192.168.0.0/16',
};

export function checkPeer(entry: string): string | Fault {
  const [address = '', length, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version !== 0 && rest.length === 0) {
    if (length === undefined) return entry;
    const most = version === 4 ? 32 : 128;
    if (/^\d{1,3}$/.test(length) && Number(length) <= most) return entry;
    return {
      code: 'KT_BAD_ENTRY',
      why: `has the entry ${printable(entry)}, whose prefix is not between 0 and ${most}`,
      better: /^\d+$/.test(length) ? `${address}/${most}` : undefined,
    };
  }
  return {
    code: 'KT_BAD_ENTRY',
    why: `has the entry ${printable(entry)}, which is neither an address nor a range`,
    better: lookup(MEANT, entry.toLowerCase()),
  };
}
