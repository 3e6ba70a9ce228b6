// Owns secrets that stand beside their names without a sign between: command lines and XML. Linear: every scan is bounded
// or ends where the next one may begin.
import type { SecretNames } from './redact-names.ts';

const value = `"[^"]*"|'[^']*'|[^\\s"'-]\\S*`;
// Prose speaks of options, too: `option --password is required`.
const prose = '(?:is|was|and|or|to|for|from|not|must|may|needs|option|flag|with|without|requires?|missing|instead)';
const flag = new RegExp(`(?<![\\w-])--([a-z][\\w-]{0,60})([ \\t]{1,3})(?!${prose}(?![^\\s.,;:]))(?:${value})`, 'gi');
const userAndPassword = `"[^":]{1,100}:[^"]*"|'[^':]{1,100}:[^']*'|[^\\s:"']{1,100}:[^\\s"']+`;
const curlUser = new RegExp(
  `(\\s(?:-[a-z]{0,5}u|--(?:proxy-)?user)(?:[ \\t]{1,3}|=|(?=["'])))(?:${userAndPassword})`,
  'gi',
);
const element = /<([\w:.-]{1,80})(\s[^<>]{0,200})?>(?:<!\[CDATA\[)?([^<]+)<\//g;

/** `--password x`, `curl -u user:x`. */
export function redactCommands(text: string, names: SecretNames): string {
  let clean = text;
  if (clean.includes('--')) {
    clean = clean.replace(flag, (whole, name: string, space: string) =>
      names.key(name) && !names.counts(name, whole.slice(2 + name.length).trim()) ? `--${name}${space}REDACTED` : whole,
    );
  }
  return clean.includes('curl') ? clean.replace(curlUser, '$1REDACTED') : clean;
}

/** `<password>x</password>`. */
export function redactElements(text: string, names: SecretNames): string {
  if (!text.includes('</')) return text;
  return text.replace(element, (whole, name: string, rest: string | undefined, inside: string) =>
    names.key(name) && inside.trim() !== '' && !names.counts(name, inside) ? `<${name}${rest ?? ''}>REDACTED</` : whole,
  );
}
