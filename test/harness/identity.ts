// The library's own books of one process: what it triggered must be exported, or counted as not.

export interface Books {
  service: string;
  /** Triggered fragments that were not exported and are accounted for. */
  counted: number;
  problem: string | undefined;
}

const parts = ['exported', 'throttled', 'evicted', 'exportFailed'] as const;

/** @param stats what `stats()` returned in that process */
export function identity(service: string, stats: unknown): Books {
  const sampling = (stats as { sampling?: Record<string, unknown> } | undefined)?.sampling;
  if (sampling === undefined) return { service, counted: 0, problem: 'stats() has no sampling counts' };
  const values = parts.map((part) => sampling[part]);
  const { triggered } = sampling;
  if (typeof triggered !== 'number' || values.some((value) => typeof value !== 'number')) {
    return { service, counted: 0, problem: `stats().sampling lacks one of triggered, ${parts.join(', ')}` };
  }
  const [exported = 0, ...others] = values as number[];
  const counted = others.reduce((a, b) => a + b, 0);
  const problem =
    triggered === exported + counted
      ? undefined
      : `triggered ${triggered} ≠ ${parts.map((part, at) => `${part} ${values[at]}`).join(' + ')}`;
  return { service, counted, problem };
}
