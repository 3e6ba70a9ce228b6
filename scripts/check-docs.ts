// Holds the documentation to the repository: lengths, links, a page per folder, files that the pages name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const problems: string[] = [];
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const pageOf: Record<string, string> = {
  config: 'configuration.md',
  provider: 'instrumentation.md',
  span: 'span.md',
  logs: 'logs.md',
  sampling: 'sampling.md',
  messaging: 'messaging.md',
  export: 'exporting.md',
  lifecycle: 'shutdown.md',
  receiver: 'receiver.md',
  testing: 'testing.md',
  cli: 'viewer.md',
};
for (const entry of readdirSync(join(root, 'src'), { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  const page = pageOf[entry.name];
  if (page === undefined || !existsSync(join(root, 'docs', page))) {
    problems.push(`src/${entry.name} has no page in docs/ (see pageOf in scripts/check-docs.ts)`);
  }
}

const lines = read('README.md').split('\n').length;
if (lines > 181) problems.push(`README.md has ${lines - 1} lines, 180 is the limit`);

for (const file of sources(root)) {
  if (read(file).split('\n').length > 301) problems.push(`${file} has over 300 lines: two ideas in one file?`);
}

for (const page of pages(root)) {
  const text = read(page).replaceAll(/```[\s\S]*?```/g, '');
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|#|mailto:)/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = join(dirname(page), path);
    if (!existsSync(join(root, file))) problems.push(`${page}: the link ${target} leads nowhere`);
    else if (anchor && file.endsWith('.md') && !anchors(read(file)).has(anchor)) {
      problems.push(`${page}: ${relative('.', file)} has no heading #${anchor}`);
    }
  }
  for (const [, script = ''] of text.matchAll(/`npm run ([\w:-]+)/g)) {
    if (!(script in JSON.parse(read('package.json')).scripts)) problems.push(`${page}: there is no script ${script}`);
  }
}

for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0 ? 'docs: links, lengths and pages are in order' : `docs: ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function anchors(text: string): Set<string> {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading)));
}

function* pages(folder: string): Generator<string> {
  for (const file of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) yield file;
  for (const inside of ['docs', 'examples']) {
    if (!existsSync(join(folder, inside))) continue;
    for (const name of readdirSync(join(folder, inside), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.md') && !name.includes('node_modules')) yield join(inside, name);
    }
  }
}

function* sources(folder: string): Generator<string> {
  for (const name of readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts')) yield join('src', name);
  }
}
