// The last look at what is about to be said: values that are known to be secret are taken out, whoever put them there.
import type { Settings } from '../../config/settings.ts';
import { hideCredentials } from '../../export/destination/scrub.ts';

const NAME = /^-{1,2}[\w.-]*(?:token|secret|passw|pwd|key|auth|credential)[\w.-]*/i;
/** Shorter ones would be found in the middle of words. */
const SHORTEST = 6;

/** @param command whose arguments may hold secrets: `--token=abc`, `--db-password abc` */
export function secretsOf(settings: Settings, command: readonly string[]): string[] {
  const { headers, endpoint } = settings;
  const query = URL.canParse(endpoint) ? [...new URL(endpoint).searchParams.values()] : [];
  const words = Object.values(headers).flatMap((value) => [value, ...value.split(/\s+/).slice(1)]);
  return [...words, ...query, ...command.flatMap(secretArgument)].filter(({ length }) => length >= SHORTEST);
}

function secretArgument(word: string, index: number, command: readonly string[]): string[] {
  const name = NAME.exec(word)?.[0];
  if (name !== undefined && word[name.length] === '=') return [word.slice(name.length + 1)];
  const before = command[index - 1] ?? '';
  return !word.startsWith('-') && NAME.exec(before)?.[0] === before ? [word] : [];
}

/** In every text of `said`, however deep. */
export function keepSecret<T>(said: T, secrets: readonly string[]): T {
  if (typeof said === 'string') {
    const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said as string);
    return hideCredentials(clean) as T;
  }
  if (Array.isArray(said)) return said.map((one) => keepSecret(one, secrets)) as T;
  if (typeof said !== 'object' || said === null) return said;
  return Object.fromEntries(Object.entries(said).map(([name, value]) => [name, keepSecret(value, secrets)])) as T;
}
