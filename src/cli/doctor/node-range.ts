// Whether a version of Node is inside a range of `engines`. Knows what such ranges are written with, and nothing more.

type Version = [major: number, minor: number, patch: number];

/** `^22.15.0 || >=24`, `>=18 <23`, `22.x`. A range that cannot be read is no obstacle. */
export function inRange(version: string, range: string): boolean {
  const found = parse(version);
  if (!found) return true;
  return range.split('||').some((part) =>
    part
      .trim()
      .split(/\s+(?![\d.])/)
      .every((one) => holds(found, one.trim())),
  );
}

function holds(found: Version, comparator: string): boolean {
  const match = /^(>=|<=|>|<|=|\^|~)?\s*v?(\d+(?:\.(?:\d+|[x*]))*)/i.exec(comparator);
  if (!match) return true;
  const [, operator = '', text = ''] = match;
  const wanted = parse(text)!;
  const difference = compare(found, wanted);
  switch (operator) {
    case '>=':
      return difference >= 0;
    case '>':
      return difference > 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '^':
      return difference >= 0 && found[0] === wanted[0];
    case '~':
      return difference >= 0 && found[0] === wanted[0] && found[1] === wanted[1];
    default:
      return text.split('.').every((part, at) => !/^\d+$/.test(part) || Number(part) === found[at]);
  }
}

/** @returns undefined for no version */
function parse(text: string): Version | undefined {
  const numbers = text
    .replace(/^v/, '')
    .split('-')[0]!
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
  return /^v?\d/.test(text) ? [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0] : undefined;
}

function compare(one: Version, other: Version): number {
  for (let at = 0; at < 3; at++) if (one[at] !== other[at]) return one[at]! - other[at]!;
  return 0;
}
