// Which hosts an endpoint may not name. Works on what `URL` made of the host: decimal, octal and hexadecimal spellings are gone there.

export type HostKind = 'loopback' | 'unspecified' | 'link-local' | 'metadata' | 'unroutable' | 'other';

/** Answers of cloud providers' metadata services outside the link-local range: Alibaba, Azure, Oracle Cloud. */
const METADATA_V4 = new Set(['100.100.100.200', '168.63.129.16', '192.0.0.192']);
/** AWS and Google Cloud over IPv6. */
const METADATA_V6 = new Set(['fd00:ec2:0:0:0:0:0:254', 'fd20:ce:0:0:0:0:0:254']);
const METADATA_NAMES =
  /^(?:metadata|instance-data|metadata\.google\.internal|metadata\.goog|instance-data\.ec2\.internal|metadata\.azure\.internal|metadata\.tencentyun\.com)$/;
/** Public name services that answer with the address in the name: `169.254.169.254.nip.io`, `a9fea9fe.nip.io`. */
const ADDRESS_IN_NAME = /(?:^|[.-])(?:169[.-]254[.-]\d{1,3}[.-]\d{1,3}|a9fe[0-9a-f]{4})\.(?:[a-z0-9-]+\.)+[a-z]+$/;

/** @param hostname as in `URL.hostname`: lower case, IPv6 in brackets. */
export function hostKind(hostname: string): HostKind {
  const host = hostname.toLowerCase().replace(/\.$/, '');
  if (host.startsWith('[')) return kindOfV6(expandV6(host.slice(1, -1)));
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return kindOfV4(host.split('.').map(Number));
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (METADATA_NAMES.test(host)) return 'metadata';
  return ADDRESS_IN_NAME.test(host) ? 'link-local' : 'other';
}

function kindOfV4(bytes: number[]): HostKind {
  const [a = 0, b = 0] = bytes;
  if (a === 127) return 'loopback';
  if (a === 169 && b === 254) return bytes[2] === 169 && bytes[3] === 254 ? 'metadata' : 'link-local';
  if (METADATA_V4.has(bytes.join('.'))) return 'metadata';
  if (bytes.every((byte) => byte === 0)) return 'unspecified';
  return a === 0 || a >= 224 ? 'unroutable' : 'other';
}

function kindOfV6(groups: number[]): HostKind {
  const [first = 0] = groups;
  const zeros = (count: number): boolean => groups.slice(0, count).every((group) => group === 0);
  if (zeros(7) && groups[7] === 1) return 'loopback';
  if (zeros(8)) return 'unspecified';
  const inner = embeddedV4(groups, zeros);
  if (inner) return kindOfV4(inner);
  if ((first & 0xffc0) === 0xfe80) return 'link-local';
  if (METADATA_V6.has(groups.map((group) => group.toString(16)).join(':'))) return 'metadata';
  return first >= 0xff00 ? 'unroutable' : 'other';
}

/** IPv4 inside IPv6: mapped (RFC 4291 §2.5.5), compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
function embeddedV4(groups: number[], zeros: (count: number) => boolean): number[] | undefined {
  const bytes = (high: number, low: number): number[] => [high >> 8, high & 255, low >> 8, low & 255];
  const last = bytes(groups[6]!, groups[7]!);
  if (zeros(5) && groups[5] === 0xffff) return last;
  if (zeros(4) && groups[4] === 0xffff && groups[5] === 0) return last;
  if (zeros(6)) return last;
  if (groups[0] === 0x64 && groups[1] === 0xff9b) return last;
  return groups[0] === 0x2002 ? bytes(groups[1]!, groups[2]!) : undefined;
}

function expandV6(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = read(head);
  if (tail === undefined) return left;
  const right = read(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}
