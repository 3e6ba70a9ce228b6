// Whether a version is inside a range, for the forms that instrumentations use: comparators, ^, ~, x-ranges and ||.

type Version = [major: number, minor: number, patch: number];

/** A prerelease counts as the version it leads to. A range of another form contains everything. */
export function satisfies(version: string, range: string): boolean {
  const given = versionOf(version);
  return given === undefined || range.split('||').some((part) => inAll(given, part));
}

function inAll(version: Version, part: string): boolean {
  const text = part.replaceAll(/([<>=~^])\s+/g, '$1').trim();
  const [, from, to] = /^(\S+)\s+-\s+(\S+)$/.exec(text) ?? [];
  const comparators = from === undefined ? text.split(/\s+/) : [`>=${from}`, `<=${to}`];
  return comparators.every((comparator) => fits(version, comparator));
}

function fits(version: Version, comparator: string): boolean {
  const [, sign = '', body = ''] = /^(>=|<=|>|<|=|\^|~)?v?(.*)$/.exec(comparator) ?? [];
  const bounds = boundsOf(body);
  if (bounds === undefined) return true;
  const [low, next, given] = bounds;
  const atLeast = compare(version, low) >= 0;
  const below = (limit: Version) => compare(version, limit) < 0;
  if (sign === '>=') return atLeast;
  if (sign === '<') return below(low);
  if (sign === '>') return given === 3 ? compare(version, low) > 0 : !below(next);
  if (sign === '<=') return below(next);
  if (sign === '^') return atLeast && below(caret(low, given));
  if (sign === '~') return atLeast && below(given === 1 ? next : [low[0], low[1] + 1, 0]);
  return atLeast && below(next);
}

/** The lowest version of `8`, `8.2` or `8.x`, the first one above, and how many numbers there were. */
function boundsOf(body: string): [Version, Version, number] | undefined {
  const numbers = body
    .split(/[-+]/, 1)[0]!
    .split('.')
    .filter((part) => /^\d+$/.test(part))
    .map(Number);
  const [major, minor = 0, patch = 0] = numbers;
  if (major === undefined) return undefined;
  const next: Version =
    numbers.length === 1 ? [major + 1, 0, 0] : numbers.length === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1];
  return [[major, minor, patch], next, numbers.length];
}

function caret([major, minor, patch]: Version, given: number): Version {
  if (major > 0 || given === 1) return [major + 1, 0, 0];
  return minor > 0 || given === 2 ? [0, minor + 1, 0] : [0, 0, patch + 1];
}

function versionOf(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
