// The environment that a command looks at: that of this process, and a file of variables laid under it as Node does.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Origin } from '../config/problems.ts';
import { type Resolved, resolveSettings } from '../config/resolve.ts';
import { whyUnreadable } from '../config/unreadable.ts';
import type { AppPackage } from './app-package.ts';

export interface Environment {
  variables: Readonly<Record<string, string | undefined>>;
  /** By variable, for those that come from a file. */
  files: ReadonlyMap<string, string>;
}

/** Real variables win over those of files, later files over earlier ones, as with `node --env-file`. @throws when a file cannot be read */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  files: readonly string[] = [],
): Environment {
  const merged: Record<string, string | undefined> = {};
  const from = new Map<string, string>();
  for (const file of files) {
    for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8')))) {
      merged[name] = value;
      from.set(name, file);
    }
  }
  for (const [name, value] of Object.entries(variables)) {
    merged[name] = value;
    from.delete(name);
  }
  return { variables: merged, files: from };
}

/** As keeptrace itself resolves them, TLS files included. */
export function resolveEnvironment({ variables }: Environment, app: AppPackage): Resolved {
  const { name, version } = app;
  const packageJson = { ...(name !== undefined && { name }), ...(version !== undefined && { version }) };
  return resolveSettings({ env: variables, packageJson, unreadable: whyUnreadable });
}

/** `OTEL_SERVICE_NAME in the environment`. @param variable the first one that would set it, for a default */
export function sourceOf(origin: Origin, { files }: Pick<Environment, 'files'>, variable?: string): string {
  switch (origin.kind) {
    case 'env':
      return `${origin.name} in ${files.get(origin.name) ?? 'the environment'}`;
    case 'package.json':
      return 'package.json';
    case 'code':
      return `${origin.name} in code`;
    case 'default':
      return variable === undefined ? 'the default' : `the default, ${variable} is not set`;
  }
}
