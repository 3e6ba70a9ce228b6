// What only code can give, live objects, and the names of options themselves.
import { nearest } from './nearest.ts';
import type { TracingOptions } from './options.ts';
import type { Picker } from './picker.ts';
import { rowGroups } from './rows.ts';
import { printable, toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';

type CodeOnly = Pick<Settings, 'instrumentations' | 'spanProcessors' | 'spanExporter'>;

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[method] === 'function';
const all = (value: unknown, method: string): boolean =>
  Array.isArray(value) && value.every((entry) => has(entry, method));

const LIVE = {
  instrumentations: {
    // Nested lists as the official SDK takes them: `[getNodeAutoInstrumentations()]`.
    valid: (value: unknown) => Array.isArray(value) && all(value.flat(), 'setTracerProvider'),
    expected: 'an array of OpenTelemetry instrumentations',
    write: 'instrumentations: [new ExpressInstrumentation()]',
  },
  spanProcessors: {
    valid: (value: unknown) => all(value, 'onEnd'),
    expected: 'an array of span processors',
    write: 'spanProcessors: [new MyProcessor()]',
  },
  spanExporter: {
    valid: (value: unknown) => has(value, 'export'),
    expected: 'a span exporter',
    write: 'spanExporter: new OTLPTraceExporter()',
  },
};

/** Options that have parts. */
const GROUPS = ['spanLimits', 'spool'];

export function resolveCodeOnly(picker: Picker, options: TracingOptions): CodeOnly {
  const wrong = new Set<string>();
  for (const [name, { valid, expected, write }] of Object.entries(LIVE)) {
    const given = picker.option(name);
    const origin = { kind: given === undefined ? ('default' as const) : ('code' as const), name };
    picker.origins[name] = origin;
    if (given === undefined || valid(given)) continue;
    wrong.add(name);
    picker.problems.push(
      toProblem({
        code: 'KT_WRONG_OPTION',
        severity: 'error',
        origin,
        shown: printable(given),
        why: 'is not accepted',
        expected,
        write,
      }),
    );
  }
  complainAboutNames(picker, options);
  return {
    instrumentations: wrong.has('instrumentations') ? [] : [...(options.instrumentations ?? [])].flat(),
    spanProcessors: wrong.has('spanProcessors') ? [] : [...(options.spanProcessors ?? [])],
    spanExporter: wrong.has('spanExporter') ? undefined : options.spanExporter,
  };
}

function complainAboutNames(picker: Picker, options: TracingOptions): void {
  const known = [...rowGroups.flatMap(({ rows }) => rows.map(({ option }) => option)), ...Object.keys(LIVE), 'routes'];
  const given = Object.entries(options).flatMap(([name, value]) => {
    if (!GROUPS.includes(name)) return [name];
    return typeof value === 'object' && value !== null ? Object.keys(value).map((part) => `${name}.${part}`) : [];
  });
  for (const name of given) {
    if (known.includes(name)) continue;
    const better = nearest(name, known);
    picker.problems.push(
      toProblem({
        code: 'KT_UNKNOWN_OPTION',
        severity: 'error',
        origin: { kind: 'code', name: printable(name) },
        why: better ? `is no option, did you mean ${better}?` : 'is no option',
        expected: 'an option of docs/configuration.md',
        write: better ? `${better}: …` : undefined,
      }),
    );
  }
}
