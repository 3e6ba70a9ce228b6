// Owns the look at the app's source: does it start tracing itself, and is its entry a bundle.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileOf, isEsm } from './command-line.ts';
import type { EntryFacts } from './facts.ts';

const MOST_FILES = 1_000;
const LARGEST = 20 * 2 ** 20;
const SPECIFIER = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"]([^'"\n]+)['"]/g;
const BUNDLER = /__commonJS|__webpack_require__|__toESM|\(\w+=\{exports:\{\}\}\)\.exports/;

/** Follows the relative imports of the entry. What is imported by a computed name is not found. */
export function startsTracing(entry: string): boolean {
  const seen = new Set<string>([entry]);
  for (const file of seen) {
    const text = textOf(file);
    let own = false;
    for (const [, specifier] of text.matchAll(SPECIFIER)) {
      if (specifier === 'keeptrace/register') return true;
      if (specifier === 'keeptrace') own = true;
      const target = specifier!.startsWith('.') ? fileOf(resolve(dirname(file), specifier!)) : undefined;
      if (target !== undefined && seen.size < MOST_FILES) seen.add(target);
    }
    if (own && /\binitTracing\b/.test(text)) return true;
  }
  return false;
}

/** @param dependencies the names to look for among what a bundle still loads from outside */
export function entryFacts(file: string, dependencies: readonly string[]): EntryFacts {
  const text = textOf(file);
  const external = new Set<string>();
  for (const [, specifier] of text.matchAll(SPECIFIER)) {
    for (const name of dependencies) if (specifier === name || specifier!.startsWith(`${name}/`)) external.add(name);
  }
  return { file, esm: isEsm(file), bundled: BUNDLER.test(text), external: [...external] };
}

function textOf(file: string): string {
  try {
    return statSync(file).size > LARGEST ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
