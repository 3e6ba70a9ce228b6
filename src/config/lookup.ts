// Looks words of the environment up in tables of ours.

/** Without what every object inherits: `constructor` and `__proto__` are words that somebody may write. */
export function lookup<T>(table: Readonly<Record<string, T>> | undefined, word: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
