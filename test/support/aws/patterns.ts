// Event patterns and filter policies: reading them strictly, and matching. Pure.

export type Pattern = { [key: string]: Pattern | Rule[] };
type Rule = string | number | boolean | null | Record<string, unknown>;

const OPERATORS: Record<string, (wanted: never, value: unknown) => boolean> = {
  prefix: (wanted: string, value) => typeof value === 'string' && value.startsWith(wanted),
  exists: (wanted: boolean, value) => wanted === (value !== undefined),
  'anything-but': (wanted: unknown, value) => value !== undefined && !isExcluded(wanted, value),
  numeric: (wanted: (string | number)[], value) => typeof value === 'number' && inBounds(wanted, value),
};

const COMPARE: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** Throws a sentence for what is no pattern, or one with an operator that is not supported here. */
export function readPattern(text: string): Pattern {
  const pattern: unknown = JSON.parse(text);
  check(pattern, 'the pattern');
  return pattern as Pattern;
}

function check(pattern: unknown, at: string): void {
  if (typeof pattern !== 'object' || pattern === null) throw new Error(`${at} must be an object or an array`);
  if (!Array.isArray(pattern)) {
    for (const [key, inner] of Object.entries(pattern)) check(inner, `"${key}"`);
    return;
  }
  if (pattern.length === 0) throw new Error(`${at} is an empty array`);
  for (const rule of pattern) {
    if (typeof rule !== 'object' || rule === null) continue;
    const unknown = Object.keys(rule).find((name) => !(name in OPERATORS));
    if (unknown) throw new Error(`Unrecognized match type ${unknown} at ${at}`);
  }
}

/** Every key of the pattern has to match; of an array's rules one is enough. */
export function matches(pattern: Pattern, subject: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = isObject(subject) ? subject[key] : undefined;
    if (!Array.isArray(wanted)) return matches(wanted, value);
    const values = Array.isArray(value) ? value : [value];
    return wanted.some((rule) => values.some((one) => matchesRule(rule, one)));
  });
}

function matchesRule(rule: Rule, value: unknown): boolean {
  if (!isObject(rule)) return rule === value;
  return Object.entries(rule).every(([name, wanted]) => OPERATORS[name]?.(wanted as never, value));
}

function isExcluded(wanted: unknown, value: unknown): boolean {
  if (isObject(wanted)) return typeof value === 'string' && value.startsWith(String(wanted.prefix));
  return [wanted].flat().includes(value);
}

function inBounds(conditions: (string | number)[], value: number): boolean {
  for (let at = 0; at < conditions.length; at += 2) {
    if (!COMPARE[String(conditions[at])]?.(value, Number(conditions[at + 1]))) return false;
  }
  return true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
