// Settings of the spool: the folder on disk where spans wait that memory cannot hold.
import { isAbsolute } from 'node:path';
import * as z from 'zod/mini';
import type { Fault, Row } from './row.ts';
import { choiceRow, integerRow, textRow } from './row-kinds.ts';

const NO_PATH: Fault = { code: 'KT_BAD_PATH', why: 'is not a path from the root of the file system' };

/** A path that depends on the working folder would be another one for every way to start the process. */
function folderRow(text: Parameters<typeof textRow<undefined>>[0] & { expected: string }): Row<string | undefined> {
  const row = textRow(text);
  return {
    ...row,
    format: (value) => value ?? 'none, spans wait in memory only',
    schema: z.string().check(z.trim(), z.minLength(1)) as z.ZodMiniType<string | undefined>,
    check: (value) => (value !== undefined && isAbsolute(value) ? [] : [NO_PATH]),
    read: (raw) => (isAbsolute(raw) ? { value: raw, faults: [] } : { value: undefined, faults: [NO_PATH] }),
  };
}

export const spoolRows = {
  dir: folderRow({
    option: 'spool.dir',
    env: ['KEEPTRACE_SPOOL_DIR'],
    fallback: undefined,
    defaultText: 'none: spans wait in memory only',
    expected: 'the path of a folder, from the root of the file system',
    about:
      'Folder where batches wait that memory cannot hold, or that were left when a process ended. See docs/spooling.md.',
    example: '/var/spool/keeptrace',
  }),
  maxMb: integerRow({
    option: 'spool.maxMb',
    env: ['KEEPTRACE_SPOOL_MB'],
    unit: 'MiB',
    min: 1,
    max: 1_048_576,
    fallback: 64,
    about: 'Most that lies in that folder, of all processes together; beyond it the oldest goes, errors last.',
    example: '64',
  }),
  mode: choiceRow({
    option: 'spool.mode',
    env: ['KEEPTRACE_SPOOL_MODE'],
    choices: ['overflow', 'write-ahead'],
    aliases: { wal: 'write-ahead', writeahead: 'write-ahead', write_ahead: 'write-ahead', always: 'write-ahead' },
    fallback: 'overflow',
    about:
      '`overflow` writes what memory cannot hold and what is left at the end; `write-ahead` writes every batch before it is sent, so that a killed process loses no more than the last second.',
    example: 'overflow',
  }),
  sync: choiceRow({
    option: 'spool.sync',
    env: ['KEEPTRACE_SPOOL_SYNC'],
    choices: ['never', 'always'],
    aliases: { true: 'always', false: 'never', off: 'never', on: 'always', fsync: 'always', fdatasync: 'always' },
    fallback: 'never',
    about:
      '`always` waits for the disk after every file, so that it survives a power failure as well; `never` leaves that to the system: files survive the death of the process.',
    example: 'never',
  }),
};
