// What the environment says beyond single values: quotes, variables without effect, names that nobody knows.

import type { Picker } from './picker.ts';
import { toProblem } from './sentence.ts';
import type { Settings } from './settings.ts';
import { complainAboutName } from './unknown-variables.ts';
import { variablesWithoutEffect } from './without-effect.ts';

export function complainAboutVariables(picker: Picker, settings: Settings): void {
  const { env, problems } = picker;
  for (const name of env.quoted) {
    problems.push(
      toProblem({
        code: 'KT_QUOTED_VALUE',
        origin: { kind: 'env', name },
        why: 'has quotes around its value, which env files of containers do not take off',
        expected: 'the bare value',
        now: 'the quotes are taken off',
        write: `${name}=… without quotes`,
      }),
    );
  }
  for (const { name, why, now, write, when } of variablesWithoutEffect) {
    const text = env.text(name);
    if (text === undefined || (when && !when(text.toLowerCase(), settings))) continue;
    problems.push(toProblem({ code: 'KT_NO_EFFECT', origin: { kind: 'env', name }, why, now, write }));
  }
  if (env.text('NODE_TLS_REJECT_UNAUTHORIZED') === '0' && settings.endpoint.startsWith('https:')) {
    problems.push(
      toProblem({
        code: 'KT_TLS_UNCHECKED',
        origin: { kind: 'env', name: 'NODE_TLS_REJECT_UNAUTHORIZED' },
        shown: '0',
        why: 'switches off the check of certificates for the whole process, the endpoint included',
        expected: 'certificates that are checked',
        now: 'spans and credentials can be read on the way',
        write: 'OTEL_EXPORTER_OTLP_CERTIFICATE=/path/to/ca.pem and unset NODE_TLS_REJECT_UNAUTHORIZED',
      }),
    );
  }
  for (const name of env.names) complainAboutName(picker, name);
}
