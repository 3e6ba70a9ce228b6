// All settings, in the order of the documentation. A new setting is one row in one of these files and one field in settings.ts.

import type { RowText } from './row.ts';
import { behaviourRows } from './rows-behaviour.ts';
import { exportRows } from './rows-export.ts';
import { keepingRows } from './rows-keeping.ts';
import { batchRows, batchTimeoutRow, spanLimitRows } from './rows-limits.ts';
import { messagingRows } from './rows-messaging.ts';
import { samplingRows } from './rows-sampling.ts';
import { serviceRows } from './rows-service.ts';
import { spoolRows } from './rows-spool.ts';

export interface RowGroup {
  title: string;
  rows: readonly (RowText & { fallback: unknown; expected: string })[];
}

export const rowGroups: readonly RowGroup[] = [
  { title: 'Service', rows: Object.values(serviceRows) },
  { title: 'Sampling and propagation', rows: Object.values(samplingRows) },
  { title: 'Keeping', rows: Object.values(keepingRows) },
  { title: 'Messages', rows: Object.values(messagingRows) },
  { title: 'Export', rows: Object.values(exportRows) },
  { title: 'Batches', rows: [...Object.values(batchRows), batchTimeoutRow] },
  { title: 'Spool', rows: Object.values(spoolRows) },
  { title: 'Span limits', rows: Object.values(spanLimitRows) },
  { title: 'What is traced, and how keeptrace behaves', rows: Object.values(behaviourRows) },
];

/** Every variable that sets something. */
export const settingVariables: readonly string[] = rowGroups.flatMap(({ rows }) => rows.flatMap(({ env }) => env));
