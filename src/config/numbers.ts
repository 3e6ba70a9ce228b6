// Numbers and durations as people write them.

/** Stricter than `Number`: no hexadecimal, no `Infinity`, no empty text. */
export function numberOf(raw: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(raw) ? Number(raw) : undefined;
}

/** Milliseconds of `5s`, `250 ms`, `1min`: for advice only, a setting itself is a bare number. */
export function durationOf(raw: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min)$/i.exec(raw);
  const factor = { ms: 1, s: 1000, m: 60_000, min: 60_000 }[match?.[2]?.toLowerCase() ?? ''];
  return match && factor ? Math.round(Number(match[1]) * factor) : undefined;
}
