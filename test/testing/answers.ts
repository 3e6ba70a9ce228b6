// What a matcher says of some spans, and the spans that most of its tests look at.
import { keeptraceMatchers } from '../../src/testing/matchers.ts';
import { spansOf } from './spans.ts';

export const order = spansOf(
  { name: 'POST /orders', kind: 'server', attributes: { 'http.route': '/orders', 'http.response.status_code': 201 } },
  { name: 'INSERT orders', kind: 'client', parent: 1, attributes: { 'db.system.name': 'postgresql' } },
  { name: 'publish orders', kind: 'producer', parent: 1, status: { code: 'error', message: 'queue is full' } },
);
/** As it stands at the foot of a message. */
export const foot = [
  'The spans:',
  '  POST /orders        shop',
  '  ├─ INSERT orders    shop   postgresql',
  '  └─ publish orders   shop   ✕ queue is full',
];

export type Name = keyof typeof keeptraceMatchers;
/** What the matcher says, whether it passes or not. */
export function answer(name: Name, spans: unknown, ...wanted: unknown[]): { pass: boolean; lines: string[] } {
  const matcher = keeptraceMatchers[name] as (
    spans: unknown,
    ...wanted: unknown[]
  ) => ReturnType<typeof keeptraceMatchers.toHaveSpan>;
  const { pass, message } = matcher(spans, ...wanted);
  return { pass, lines: message().split('\n') };
}
export const fails = (lines: string[]) => ({ pass: false, lines });
export const passes = (lines: string[]) => ({ pass: true, lines });
