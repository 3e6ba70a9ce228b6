// The outcome for a person at a terminal: what is wrong, where it comes from, and the line that mends it.
import { withoutControls } from '../masked.ts';
import type { Paint } from '../paint.ts';
import { pageOf } from './codes.ts';
import type { Finding } from './finding.ts';
import type { Outcome, Stage } from './outcome.ts';

/** @param columns of the terminal, at which sentences are broken; lines to paste never are */
export function asText({ findings, notes, unseen, stages, versions }: Outcome, paint: Paint, columns = 0): string {
  const { keeptrace, node } = versions;
  const blocks = [
    `${paint('bold', 'keeptrace doctor')} ${keeptrace}, Node ${node}`,
    notes.map((note) => `  ${paint('green', '✔')} ${withoutControls(note)}`).join('\n'),
    stages ? stagesLine(stages, paint) : '',
    ...findings.map((finding) => findingBlock(finding, paint, columns)),
    unseen.map((note) => `  ${paint('dim', `· ${withoutControls(note)}`)}`).join('\n'),
    summary(findings, paint),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function findingBlock({ code, severity, what, from, fix }: Finding, paint: Paint, columns: number): string {
  const mark = severity === 'error' ? paint('red', '✖') : paint('yellow', '▲');
  const label = (name: string) => paint('dim', name.padEnd(6));
  return [
    `  ${mark} ${wrap(`${code}  ${withoutControls(what)}`, columns - 4).replace(code, paint('bold', code))}`,
    ...(from === undefined ? [] : [`      ${label('from')}${withoutControls(from)}`]),
    `      ${label('fix')}${paint('cyan', withoutControls(fix))}`,
    `      ${label('more')}${paint('dim', pageOf(code))}`,
  ].join('\n');
}

/** Goes on below the code, not below the mark. */
function wrap(text: string, width: number): string {
  if (width < 40) return text;
  let column = 0;
  return text.replaceAll(/\s*\S+/g, (word) => {
    const fits = column + word.length <= width;
    column = fits ? column + word.length : word.trimStart().length + 2;
    return fits ? word : `\n      ${word.trimStart()}`;
  });
}

/** `loaded 5 → patched 5 → started 42 → …`, and what each has to tell. */
function stagesLine(stages: readonly Stage[], paint: Paint): string {
  const way = stages.map(({ name, count }, at) => {
    const broken = count === 0 && (at === 0 || stages[at - 1]!.count > 0);
    return broken ? paint('red', `${name} ${count}`) : `${name} ${count}`;
  });
  const details = stages
    .filter(({ detail }) => detail)
    .map(({ name, detail }) => `\n    ${name}: ${withoutControls(detail!)}`);
  return `  ${way.join(paint('dim', ' → '))}${details.join('')}`;
}

function summary(findings: readonly Finding[], paint: Paint): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  if (findings.length === 0) return paint('green', 'Nothing is wrong here.');
  const parts = [
    errors > 0 && paint('red', count(errors, 'error')),
    warnings > 0 && paint('yellow', count(warnings, 'warning')),
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}
