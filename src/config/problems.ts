// What a wrong setting becomes: data for a life line or for `ConfigError`. A message never carries a secret.

/** Where a value came from. `name` is the option or the environment variable. */
export interface Origin {
  kind: 'code' | 'env' | 'package.json' | 'default';
  name: string;
}

export interface Problem {
  /** Stable, listed in docs/errors.md. */
  code: string;
  /** `error`: from code it makes `initTracing` throw, from the environment it keeps tracing off. */
  severity: 'error' | 'warning';
  origin: Origin;
  /** What was set, what is expected, what happens now, what to write instead; on one line. */
  message: string;
}

/** Thrown by `initTracing` when options given in code are wrong. Lists every wrong option, not only the first. */
export class ConfigError extends Error {
  readonly code = 'KEEPTRACE_CONFIG';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const head =
      problems.length === 1 ? 'An option of initTracing() is' : `${problems.length} options of initTracing() are`;
    super([`${head} wrong, tracing was not started:`, ...problems.map(({ message }) => `  - ${message}`)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** @throws ConfigError when options given in code are among the problems */
export function throwWrongOptions(problems: readonly Problem[]): void {
  const wrong = problems.filter(({ severity, origin }) => severity === 'error' && origin.kind === 'code');
  if (wrong.length > 0) throw new ConfigError(wrong);
}
