// From the rows about keeping to settings. `off` is a word of the notation: inside, it is the absence of a limit.
import type { Picker } from './picker.ts';
import { resolveRoutes } from './resolve-routes.ts';
import { keepingRows as rows } from './rows-keeping.ts';
import type { Settings } from './settings.ts';

export type KeepingSettings = Pick<Settings, keyof typeof rows | 'routes'>;

const limit = (value: number | 'off'): number | undefined => (value === 'off' ? undefined : value);

export function resolveKeeping(picker: Picker): KeepingSettings {
  return {
    keepErrors: picker.pick(rows.keepErrors),
    slowMs: limit(picker.pick(rows.slowMs)),
    keepBudget: limit(picker.pick(rows.keepBudget)),
    bufferMb: picker.pick(rows.bufferMb),
    spansPerTrace: picker.pick(rows.spansPerTrace),
    retentionMs: picker.pick(rows.retentionMs),
    trustIncoming: picker.pick(rows.trustIncoming),
    slowDeadline: picker.pick(rows.slowDeadline),
    routes: resolveRoutes(picker),
  };
}
