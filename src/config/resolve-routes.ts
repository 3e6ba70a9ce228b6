// Rules for single routes: code only, because a list of objects has no sound notation in a variable.
import { checkPath } from './entries.ts';
import type { Picker } from './picker.ts';
import { SLOWEST_MS } from './rows-keeping.ts';
import { printable, toProblem } from './sentence.ts';
import type { RouteRule } from './settings.ts';

const EXPECTED = `an array of { path, slowMs?: a whole number from 1 to ${SLOWEST_MS} or 'off', keep?: 'always' or 'never' }`;
const EXAMPLE = "routes: [{ path: '/export*', slowMs: 'off' }]";

/** A rule with a mistake is left out; the others count. */
export function resolveRoutes(picker: Picker): RouteRule[] {
  const given = picker.option('routes');
  const origin = { kind: given === undefined ? ('default' as const) : ('code' as const), name: 'routes' };
  picker.origins.routes = origin;
  if (given === undefined) return [];
  const refuse = (name: string, shown: unknown, why: string): void => {
    picker.problems.push(
      toProblem({
        code: 'KT_WRONG_OPTION',
        severity: 'error',
        origin: { kind: 'code', name },
        shown: printable(shown),
        why,
        expected: EXPECTED,
        write: EXAMPLE,
      }),
    );
  };
  if (!Array.isArray(given)) {
    refuse('routes', given, 'is not accepted');
    return [];
  }
  const rules: RouteRule[] = [];
  for (const [index, rule] of given.entries()) {
    const faults = faultsOf(rule);
    for (const [member, value, why] of faults) refuse(`routes[${index}]${member}`, value, why);
    if (faults.length === 0) rules.push(copyOf(rule as RouteRule));
  }
  return rules;
}

type Found = [member: string, value: unknown, why: string];

function faultsOf(rule: unknown): Found[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return [['', rule, 'is no rule']];
  const { path, slowMs, keep, ...rest } = rule as Record<string, unknown>;
  const found: Found[] = Object.keys(rest).map((name) => [`.${printable(name)}`, rest[name], 'is no part of a rule']);
  const checked = typeof path === 'string' ? checkPath(path) : { why: 'is not a path' };
  if (typeof checked !== 'string') found.push(['.path', path, checked.why]);
  const timed = slowMs === undefined || slowMs === 'off' || (Number.isInteger(slowMs) && inRange(slowMs as number));
  if (!timed) found.push(['.slowMs', slowMs, "is neither a number of milliseconds nor 'off'"]);
  if (keep !== undefined && keep !== 'always' && keep !== 'never') {
    found.push(['.keep', keep, "is neither 'always' nor 'never'"]);
  }
  return found;
}

const inRange = (ms: number): boolean => ms >= 1 && ms <= SLOWEST_MS;

/** What is changed in the user's object later has no effect here. */
function copyOf({ path, slowMs, keep }: RouteRule): RouteRule {
  return {
    path: checkPath(path) as string,
    ...(slowMs !== undefined && { slowMs }),
    ...(keep !== undefined && { keep }),
  };
}
