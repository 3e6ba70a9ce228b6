// Breaks one mechanism of the library on purpose, in the built code as it is loaded. Each must turn gates red; one that
// does not is a hole in the harness.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Mutation {
  /** What is broken, as a sentence. */
  says: string;
  /** In the built file; must match, or the mutated process does not start. */
  pattern: RegExp;
  replacement: string;
  /** At least one of these gates must fail. */
  red: string[];
}

export const mutations: Record<string, Mutation> = {};

/** @returns the preload that applies it */
export function mutationPreload(name: string): string {
  const mutation = mutations[name];
  if (mutation === undefined) {
    throw new Error(`there is no mutation ${name}. There are: ${Object.keys(mutations).join(', ')}`);
  }
  const url = pathToFileURL(join(import.meta.dirname, 'mutate.mjs'));
  url.searchParams.set('pattern', mutation.pattern.source);
  url.searchParams.set('replacement', mutation.replacement);
  return url.href;
}
