// Owns what the user says about single routes: another threshold, always, never.

export interface RouteRule {
  /** Exact path, or a prefix ending in `*`; compared without the query. */
  path: string;
  /** Milliseconds, or `off` where long is normal (event streams, exports). Default: the setting `slowMs`. */
  slowMs?: number | 'off' | undefined;
  /** `always` keeps every trace that comes through here; `never` keeps none for this process's reasons. */
  keep?: 'always' | 'never' | undefined;
}

/** The first rule that fits counts. */
export function ruleOf(rules: readonly RouteRule[], path: unknown): RouteRule | undefined {
  if (rules.length === 0 || typeof path !== 'string') return undefined;
  return rules.find((rule) => (rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path));
}
