// Owns the verdict on a fragment when nothing more can be waited for. Pure.
import type { Fragment, KeepReason } from './fragment.ts';

export type Decision =
  /** `threshold` is the `th` of the exported spans. */
  { keep: true; reason: KeepReason; threshold: string | undefined } | { keep: false };

type Evidence = Pick<Fragment, 'head' | 'headThreshold' | 'forced' | 'ownThreshold'>;

/**
 * A weight is claimed by our own rule only: an own trigger keeps all such fragments, so each stands for itself; a head
 * decision stands for 1/ratio; what was kept on another's word stands for nothing that we know.
 */
export function decide({ head, headThreshold, forced, ownThreshold }: Evidence): Decision {
  // Another's word changes nothing about what the head would have kept anyway.
  if (forced !== undefined)
    return { keep: true, reason: forced, threshold: ownThreshold ?? (head ? headThreshold : undefined) };
  if (!head) return { keep: false };
  return { keep: true, reason: headThreshold === undefined ? 'flag' : 'head', threshold: headThreshold };
}

/**
 * Whether an own trigger may keep a fragment that is over the budget: the higher of the head's share and the budget's
 * counts, so that one threshold describes all that are kept of the kind.
 */
export function admits(randomness: number, budget: number, head: number | undefined): boolean {
  return randomness >= Math.min(budget, head ?? 1);
}
