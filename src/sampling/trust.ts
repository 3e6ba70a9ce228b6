// Owns whose word about keeping counts (R16): every peer's, nobody's, or that of the addresses on a list.
import { createHmac, randomBytes } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import {
  type Attributes,
  createTraceState,
  INVALID_SPANID,
  SpanKind,
  TraceFlags,
  type TraceState,
  trace,
} from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { withOt } from './ot-state.ts';

/** Addresses whose verdict is remembered; a check of the list costs some microseconds. */
const remembered = 1_000;

export interface Trust {
  /** Whether the peer at this address of the connection (never that of a forwarding header) is listened to. */
  acceptsAddress(address: string | undefined): boolean;
  /**
   * Whether the sampled flag of a remote parent counts for a span of this kind and these first attributes. A list is
   * about who may connect: what this process fetched by itself, as messages, is refused by `none` only.
   */
  acceptsParent(kind: SpanKind, attributes: Attributes): boolean;
}

/**
 * @param rule `all`, `none`, or addresses and CIDR ranges, IPv4 and IPv6; an entry that is neither admits nobody.
 * An IPv4 peer on a dual-stack socket (`::ffff:10.0.0.1`) is the IPv4 address.
 */
export function createTrust(rule: 'all' | 'none' | readonly string[]): Trust {
  if (rule === 'all') return { acceptsAddress: () => true, acceptsParent: () => true };
  if (rule === 'none') return { acceptsAddress: () => false, acceptsParent: () => false };
  const list = new BlockList();
  for (const entry of rule) admit(list, entry);
  const verdicts = new Map<string, boolean>();
  const acceptsAddress = (address: string | undefined): boolean => {
    if (address === undefined) return false;
    let verdict = verdicts.get(address);
    if (verdict === undefined) {
      verdict = contains(list, address);
      if (verdicts.size >= remembered) verdicts.clear();
      verdicts.set(address, verdict);
    }
    return verdict;
  };
  return {
    acceptsAddress,
    acceptsParent(kind, attributes) {
      if (kind !== SpanKind.SERVER) return true;
      const address = attributes['network.peer.address'];
      return acceptsAddress(typeof address === 'string' ? address : undefined);
    },
  };
}

/**
 * Lets `inner` decide as if a trace began here where the caller's flag does not count. The trace id stays the caller's
 * and so does its tracestate, except for the sampling words in it. Randomness of our own (`rv`, OTEP 235) goes along,
 * because whoever chooses a trace id could otherwise choose to be sampled. It is the same for every request of one trace,
 * so that they are kept or dropped together, under a threshold that is true of each.
 */
export function trustingSampler(inner: Sampler, trust: Trust): Sampler {
  const secret = randomBytes(32);
  const randomnessFor = (traceId: string): string =>
    createHmac('sha256', secret).update(traceId).digest('hex').slice(0, 14);
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      const parent = trace.getSpanContext(context);
      if (parent?.isRemote !== true || trust.acceptsParent(kind, attributes)) {
        return inner.shouldSample(context, traceId, name, kind, attributes, links);
      }
      const state = withOt(withoutKeeptrace(parent.traceState), `rv:${randomnessFor(traceId)}`);
      // A parent without a span id is none to a sampler that follows parents.
      const root = { traceId, spanId: INVALID_SPANID, traceFlags: TraceFlags.NONE, traceState: state };
      const start = trace.setSpanContext(context, root);
      const decided = inner.shouldSample(start, traceId, name, kind, attributes, links);
      const own = decided.traceState?.get('ot');
      return { ...decided, traceState: own === undefined ? state : withOt(state, own) };
    },
    toString: () => inner.toString(),
  };
}

/** The entry in which keeptrace tells a slow deadline. */
function withoutKeeptrace(state: TraceState | undefined): TraceState {
  return state?.unset('keeptrace') ?? createTraceState();
}

function admit(list: BlockList, entry: string): void {
  const [text = '', length, ...rest] = entry.trim().split('/');
  const { address, family, offset } = read(text);
  if (family === undefined || rest.length > 0) return;
  if (length === undefined) {
    list.addAddress(address, family);
    return;
  }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) - offset : -1;
  if (bits >= 0 && bits <= (family === 'ipv4' ? 32 : 128)) list.addSubnet(address, bits, family);
}

function contains(list: BlockList, text: string): boolean {
  const { address, family } = read(text);
  return family !== undefined && list.check(address, family);
}

interface Address {
  address: string;
  family: 'ipv4' | 'ipv6' | undefined;
  /** What a prefix length is too long by, because it counts the bits of the mapping. */
  offset: number;
}

/** A mapped IPv4 address is the IPv4 address. */
function read(address: string): Address {
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (mapped !== undefined && isIP(mapped) === 4) return { address: mapped, family: 'ipv4', offset: 96 };
  const version = isIP(address);
  return { address, family: version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined, offset: 0 };
}
