// The doctor adds tracing to an application that has none, to follow its spans. Then production has none either, and is told so.
import { finding } from './codes.ts';
import type { Finding } from './finding.ts';
import { readApp } from './run/app-facts.ts';
import { preloadVariable } from './run/checks/finding.ts';

/** @returns nothing where the entry is not known, as behind `npm start`: what it does cannot be read */
export function checkAddedTracing(command: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Finding[] {
  const app = readApp(command, env, cwd);
  if (app.starts !== 'doctor' || app.entry === undefined) return [];
  const [node = '', ...rest] = command;
  const line = /(^|[\\/])node(\.exe)?$/.test(node)
    ? `${node} --import keeptrace/register ${rest.join(' ')}`
    : `${preloadVariable(app)} ${command.join(' ')}`;
  return [
    finding('NO_TRACING', {
      what: 'The command does not start tracing: the doctor added it, to follow the spans.',
      from: command.join(' '),
      fix: line,
      severity: 'warning',
    }),
  ];
}
