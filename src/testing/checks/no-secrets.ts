// Does a span carry what must not leave the process: by the rules of the redaction at the export, and by the test's own.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { createSpanRedactor } from '../../span/redact.ts';
import { spanLabel, type TestSpan } from '../test-span.ts';
import { valueText } from '../tree-notes.ts';
import { matchesText, show, type TextPattern } from './value-match.ts';
import { found, indent, type Verdict } from './verdict.ts';

/** @param patterns texts that must occur nowhere, and patterns that must fit nowhere */
export function containsNoSecrets(
  spans: readonly TestSpan[],
  patterns: TextPattern | readonly TextPattern[] = [],
): Verdict {
  const list = [patterns].flat();
  const redact = createSpanRedactor();
  const problems = spans.flatMap((span) => problemsOf(span, list, redact));
  return {
    pass: spans.length > 0 && problems.length === 0,
    // Without the tree that other messages end with: the secret may well be in it.
    problem: () => (spans.length === 0 ? found(spans) : `Secrets would leave the process:\n${indent(problems)}`),
    inverse: () => `No secret was found.\n${found(spans)}`,
  };
}

function problemsOf(span: TestSpan, patterns: readonly TextPattern[], redact: Redact): string[] {
  const clean = placesOf(redacted(span, redact));
  const problems = placesOf(span).flatMap(([place, text], at) => {
    const rule = patterns.find((pattern) => occurs(pattern, text));
    if (rule !== undefined) return [{ place, why: `fits ${ruleText(rule)}: ${masked(text)}` }];
    return clean[at]?.[1] === text ? [] : [{ place, why: `keeptrace would hide it: ${masked(text)}` }];
  });
  const label = problems.some(({ place }) => place === 'name') ? `${span.kind} span` : spanLabel(span);
  return problems.map(({ place, why }) => `${label}, ${place}: ${why}`);
}

type Redact = (span: ReadableSpan) => ReadableSpan;

/** A text given as a pattern may be the very secret. */
const ruleText = (rule: TextPattern) => (typeof rule === 'string' ? 'a text of the list' : show(rule));
const occurs = (pattern: TextPattern, text: string) =>
  typeof pattern === 'string' ? text.includes(pattern) : matchesText(pattern, text);

/** The log of a CI is no place for it either. */
const masked = (text: string) => `${text.slice(0, 4)}… (${text.length} characters)`;

function placesOf(span: TestSpan): [place: string, text: string][] {
  const inside = (where: string, attributes: Record<string, unknown>) =>
    Object.entries(attributes).map(([key, value]): [string, string] => [`${where} ${key}`, valueText(value) ?? '']);
  return [
    ['name', span.name],
    ['status message', span.status.message],
    ['tracestate', span.traceState],
    ...inside('attribute', span.attributes),
    ...span.events.flatMap((event) => [
      ['name of an event', event.name] as [string, string],
      ...inside(`event ${event.name}, attribute`, event.attributes),
    ]),
    ...span.links.flatMap((link) => inside('link, attribute', link.attributes)),
    ...inside('resource attribute', span.resource),
  ];
}

/** The redactor was made for spans of the SDK, and looks at no more than what the two have in common. */
function redacted(span: TestSpan, redact: Redact): TestSpan {
  return redact(structuredClone(span) as unknown as ReadableSpan) as unknown as TestSpan;
}
