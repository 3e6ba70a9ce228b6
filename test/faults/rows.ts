// All rows of the goal table, in its order.
import type { Row } from './row.ts';
import { answerRows } from './rows-answers.ts';
import { configRows } from './rows-config.ts';
import { exitRows } from './rows-exits.ts';
import { outageRows } from './rows-outages.ts';
import { spoolRows } from './rows-spool.ts';
import { systemRows } from './rows-system.ts';
import { valueRows } from './rows-values.ts';

const number = ({ id }: Row) => Number(id.slice(1));

export const rows: Row[] = [
  ...outageRows,
  ...answerRows,
  ...exitRows,
  ...valueRows,
  ...spoolRows,
  ...systemRows,
  ...configRows,
].sort((a, b) => number(a) - number(b));
