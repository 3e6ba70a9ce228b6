// Remembers what the collector's host name resolved to: at the end of a process there is no time to ask once more, and
// getaddrinfo, once asked, cannot be left.
import dns, { type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

export interface KnownAddresses {
  /** For `http.Agent`. The system's lookup, looked up at each call as Node does, for those who replace it. */
  lookup: LookupFunction;
  /** The last answer; empty before the first one, and for an address that needs none. */
  readonly found: LookupAddress[];
}

/** @param lookup in place of the DNS of this machine */
export function createKnownAddresses(lookup?: LookupFunction): KnownAddresses {
  let found: LookupAddress[] = [];
  return {
    get found() {
      return found;
    },
    lookup: (host, options, callback) => {
      const ask = lookup ?? (dns.lookup as LookupFunction);
      ask(host, options, (error, address: string | LookupAddress[], family?: number) => {
        if (!error) found = typeof address === 'string' ? [{ address, family: family ?? 0 }] : [...address];
        callback(error, address, family);
      });
    },
  };
}
