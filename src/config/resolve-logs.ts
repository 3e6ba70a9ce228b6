// From the rows about log lines to settings, and the one thing that a set of names needs from elsewhere.
import type { Picker } from './picker.ts';
import { behaviourRows as rows } from './rows-behaviour.ts';
import { toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';

/** Where Google's own libraries look for the project; src/logs/log-fields.ts writes it. */
export const projectVariables = ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'GCP_PROJECT'];

export function resolveLogs(picker: Picker): Pick<Settings, 'logCorrelation' | 'logConsole'> {
  const logCorrelation = picker.pick(rows.logCorrelation);
  if (logCorrelation === 'google' && !projectVariables.some((name) => picker.env.text(name))) {
    picker.problems.push(
      toProblem({
        code: 'KT_LOG_PROJECT',
        origin: picker.origins.logCorrelation!,
        shown: 'google',
        why: 'needs the project, which no variable names',
        expected: `the project's id in ${projectVariables.join(', ')}`,
        now: 'lines carry the trace without it, and Google Cloud does not join them to the trace',
        write: 'GOOGLE_CLOUD_PROJECT=my-project',
      }),
    );
  }
  const logConsole = picker.pick(rows.logConsole);
  if (logConsole && logCorrelation === 'off') {
    picker.problems.push(
      toProblem({
        code: 'KT_NO_EFFECT',
        origin: picker.origins.logConsole!,
        why: 'has no effect: logCorrelation is off, and it decides on the names',
        now: 'lines of the console are left alone',
        write: 'KEEPTRACE_LOG_CORRELATION=otel, or take it out',
      }),
    );
  }
  return { logCorrelation, logConsole };
}
