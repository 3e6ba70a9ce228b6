// Reading environment variables as the specification wants it: trimmed, and empty means unset.

export interface Environment {
  /** The text of a variable, without surrounding space and without quotes that a shell would have taken off. */
  text(name: string): string | undefined;
  /** Names whose value stood in quotes. */
  quoted: ReadonlySet<string>;
  names: readonly string[];
}

/** `docker run --env-file` and some service managers hand quotes over as part of the value. */
const QUOTED = /^(["'])(.*)\1$/s;

export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const quoted = new Set<string>();
  return {
    quoted,
    names: Object.keys(env),
    text(name) {
      const raw = env[name]?.trim();
      const inner = raw === undefined ? undefined : QUOTED.exec(raw)?.[2]?.trim();
      if (inner !== undefined) quoted.add(name);
      return (inner ?? raw) || undefined;
    },
  };
}
