// Owns which request fails where and how: a keyed hash of the request id. Whoever lacks the key, as the library does,
// cannot tell a doomed request from a sound one until it fails.
import { createHmac } from 'node:crypto';
import type { Hop } from './graph.ts';

/**
 * - `5xx`: the hop answers 500 and every caller passes it on
 * - `hidden`: an error is recorded and caught, the answer is 200
 * - `absorbed`: the hop answers 503 and its caller makes a 200 of it
 * - `reset`: the hop drops the connection instead of answering
 * - `late`: the error comes after the headers have left
 * - `abort`: the caller hangs up while the hop works, which is no error of anyone
 * - `kill`: the process of the hop is killed while it works
 * - `slow-leaf`: a hop that calls nobody takes longer than the limit
 * - `slow-root`: the entry alone takes longer than the limit
 * - `slow-any`: one hop stalls and the entry dawdles before and after, which together mostly exceed the limit
 */
export const faultKinds = [
  '5xx',
  'hidden',
  'absorbed',
  'reset',
  'late',
  'abort',
  'kill',
  'slow-leaf',
  'slow-root',
  'slow-any',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Synchronous errors raised before the headers leave: what the promise of the whole path is about. */
export const pathKinds: readonly FaultKind[] = ['5xx', 'hidden', 'absorbed', 'reset'];
export const slowKinds: readonly FaultKind[] = ['slow-leaf', 'slow-root', 'slow-any'];

/** Shares of the requests, together at most 1. */
export type Mix = Partial<Record<FaultKind, number>>;

export interface Fault {
  kind: FaultKind;
  /** The hop that fails. */
  hop: string;
  /** Whether it fails before it calls others, or after. */
  early: boolean;
  stallMs: number;
  rootBeforeMs: number;
  rootAfterMs: number;
}

export type Plan = (requestId: string) => Fault | undefined;

export function createPlan(secret: string, hops: readonly Hop[], mix: Mix, slowMs: number): Plan {
  return (requestId) => {
    const hash = createHmac('sha256', secret).update(requestId).digest();
    const draw = (at: number) => hash.readUInt32BE(at * 4) / 2 ** 32;
    let rest = draw(0);
    const kind = faultKinds.find((name) => {
      rest -= mix[name] ?? 0;
      return rest < 0;
    });
    if (kind === undefined) return undefined;
    const possible = hops.filter((hop) => eligible(kind, hop));
    const hop = possible[Math.floor(draw(1) * possible.length)];
    if (hop === undefined) return undefined;
    const any = kind === 'slow-any';
    return {
      kind,
      hop: hop.id,
      early: draw(2) < 0.5,
      stallMs: slowMs * (any ? 0.6 + 1.4 * draw(3) : kind === 'slow-leaf' || kind === 'slow-root' ? 1.25 : 0),
      rootBeforeMs: any ? slowMs * 0.4 * draw(4) : 0,
      rootAfterMs: any ? slowMs * 0.4 * draw(5) : 0,
    };
  };
}

function eligible(kind: FaultKind, hop: Hop): boolean {
  if (kind === 'slow-root') return hop.parent === undefined;
  if (kind === 'slow-leaf') return hop.leaf && hop.parent !== undefined;
  // A path of one service would be kept by that service alone and prove nothing.
  if (kind === 'kill' || pathKinds.includes(kind)) return hop.parent !== undefined;
  return true;
}

/** The hop whose own work takes the most time of a slow trace. */
export function culprit(fault: Fault): string {
  return fault.stallMs > fault.rootBeforeMs + fault.rootAfterMs ? fault.hop : '0';
}
