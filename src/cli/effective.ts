// Every effective setting as a row: value in the notation of its variable, unit, and where it comes from.
import type { Resolved } from '../config/resolve.ts';
import { rowGroups } from '../config/rows.ts';
import type { Settings } from '../config/settings.ts';
import { type Environment, sourceOf } from './environment.ts';
import { masked, maskedPairs } from './masked.ts';

export interface EffectiveSetting {
  group: string;
  option: string;
  /** Without a secret. */
  value: string;
  unit?: string;
  /** `OTEL_SERVICE_NAME in the environment`, `the default`. */
  from: string;
  isDefault: boolean;
  /** In falling precedence. */
  variables: readonly string[];
}

export function effectiveSettings({ settings, origins }: Resolved, environment: Environment): EffectiveSetting[] {
  const seen = new Set<string>();
  return rowGroups.flatMap(({ title, rows }) =>
    rows.flatMap((row) => {
      // OTEL_BSP_EXPORT_TIMEOUT shortens a setting that has a row of its own.
      if (seen.has(row.option)) return [];
      seen.add(row.option);
      const origin = origins[row.option] ?? { kind: 'default' as const, name: row.option };
      const value = settingOf(settings, row.option);
      // A unit belongs to a number; `off` has none.
      const unit = typeof value === 'number' ? row.unit : undefined;
      return [
        {
          group: title,
          option: row.option,
          value: written(value, row),
          ...(unit !== undefined && { unit }),
          from: sourceOf(origin, environment),
          isDefault: origin.kind === 'default',
          variables: row.env,
        },
      ];
    }),
  );
}

function settingOf(settings: Settings, option: string): unknown {
  const [group, member] = option.split('.') as [keyof Settings, string | undefined];
  const value: unknown = settings[group];
  return member === undefined ? value : (value as Record<string, unknown>)[member];
}

type Row = (typeof rowGroups)[number]['rows'][number];

function written(value: unknown, row: Row): string {
  if (row.option === 'endpoint' && value === '') return 'none, tracing is off';
  if (row.option === 'enabledInstrumentations' && value === undefined) return 'all of keeptrace';
  if (value === undefined) return row.fallback === undefined ? 'none' : 'off';
  if (Array.isArray(value)) return masked(value.join(',')) || 'none';
  if (typeof value === 'object' && value !== null) return maskedPairs(value as Record<string, string>) || 'none';
  return masked(String(value));
}
