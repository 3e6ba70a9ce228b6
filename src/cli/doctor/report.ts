// The outcome as Markdown, to paste into an issue, and as JSON, for machines. Both hold what the terminal shows and no more.
import { masked } from '../masked.ts';
import { pageOf } from './codes.ts';
import type { Outcome } from './outcome.ts';

export function asJson({ settings, ...outcome }: Outcome): string {
  const findings = outcome.findings.map((finding) => ({ ...finding, more: pageOf(finding.code) }));
  return JSON.stringify({ ...outcome, findings, settings }, null, 2);
}

export function asReport({ findings, notes, unseen, stages, settings, versions }: Outcome): string {
  const rows = (head: readonly string[], cells: readonly (readonly string[])[]): string =>
    [head, head.map(() => '---'), ...cells].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
  return [
    '### keeptrace doctor',
    Object.entries(versions)
      .map(([name, version]) => `${name} ${masked(version)}`)
      .join(' · '),
    findings.length === 0
      ? 'No findings.'
      : rows(
          ['', 'code', 'what', 'from', 'fix'],
          findings.map(({ severity, code, what, from, fix }) => [
            severity,
            `\`${code}\``,
            what,
            from ?? '',
            pasted(fix),
          ]),
        ),
    stages?.length
      ? rows(
          ['stage', 'count', ''],
          stages.map(({ name, count, detail }) => [name, String(count), detail ?? '']),
        )
      : '',
    [...notes.map((note) => `- ${inline(note)}`), ...unseen.map((note) => `- not seen: ${inline(note)}`)].join('\n'),
    settings.length === 0
      ? 'Every setting has its default.'
      : `<details><summary>Settings that are not the default</summary>\n\n${rows(
          ['setting', 'value', 'from'],
          settings.map(({ option, value, unit, from }) => [`\`${option}\``, `${value}${unit ? ` ${unit}` : ''}`, from]),
        )}\n\n</details>`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

/** Made fit for a table by `cell`, in which no markup counts between these. */
const pasted = (text: string): string => `\`${text.replaceAll('`', "'")}\``;
const cell = (text: string): string => inline(text).replaceAll('|', '\\|');
/** Markup in what a server or a file said is not ours to render. */
const inline = (text: string): string =>
  (/^`.*`$/.test(text) ? text : text.replaceAll('<', '&lt;')).replaceAll(/\s+/g, ' ');
