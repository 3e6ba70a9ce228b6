// What the benchmarks share: medians, tables, and their place in a page of docs/ between two markers.
import { readFileSync, writeFileSync } from 'node:fs';

export function option(name, fallback) {
  const at = process.argv.indexOf(name);
  return at === -1 ? fallback : process.argv[at + 1];
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Replaces the text between `<!-- name -->` and `<!-- /name -->` in a page of docs/. */
export function writeSection(name, text, page = 'performance.md') {
  const file = new URL(`../docs/${page}`, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const section = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!section.test(before)) throw new Error(`docs/${page} has no section <!-- ${name} -->`);
  writeFileSync(
    file,
    before.replace(section, (_, open, close) => `${open}${text}\n${close}`),
  );
}
