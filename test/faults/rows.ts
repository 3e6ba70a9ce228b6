// All rows of the goal table, in its order.
import type { Row } from './row.ts';
import { outageRows } from './rows-outages.ts';

const number = ({ id }: Row) => Number(id.slice(1));

export const rows: Row[] = [...outageRows].sort((a, b) => number(a) - number(b));
