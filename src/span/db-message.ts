// Owns the text of a database error: PostgreSQL quotes the offending value in it, and a value is a literal (R20).

/**
 * SQLSTATEs whose messages quote names only: integrity constraints (23…), rollbacks (40…), states and limits (53…, 55…,
 * 57…), missing or forbidden tables and schemas.
 */
const quotesNamesOnly = /^(?:23|40|53|55|57|08)|^(?:42P01|42P07|42501|3F000|3D000)$/;

/** `invalid input syntax for type integer: "x"` → `invalid input syntax for type integer: "?"`. */
export function maskDbMessage(message: string, sqlState: string): string {
  // Raised by the app's own functions, with whatever text they put together.
  if (sqlState.startsWith('P0')) return `PostgreSQL error ${sqlState}`;
  if (quotesNamesOnly.test(sqlState)) return message;
  return message.replace(/"[^"]*(?:"|$)/g, '"?"').replace(/'[^']*(?:'|$)/g, "'?'");
}
