// Owns what is hidden in free text: error messages, stacks, values that nobody declared. Every step is linear in the
// text, and text in which no step could find anything costs one look.
import { escapePattern, type SecretNames } from './redact-names.ts';
import { redactPairs } from './redact-pairs.ts';
import { redactCommands, redactElements } from './redact-syntax.ts';

/** Gives back the same string when there is nothing to hide. */
export type RedactText = (text: string) => string;

/** Characters looked at and kept of a text; nothing that a person reads is longer. */
export const textLimit = 32_768;

const hint =
  // A letter that is percent-encoded without need is a way around a list of names.
  '%[3-7][0-9a-f]|pass|pw|otp|curl|secret|token|auth|cookie|key|cred|jwt|bearer|basic |sid|sess|cv[vc]|ssn|card|connection|code=|sig=|signature';
const shape =
  '@|eyj[\\w-]|a[ks]ia[a-z0-9]|aiza|gh[pousr]_|github_pat_|[rs]k_live|xox[a-z]-|sk-|npm_|gl(?:pat|dt|rt|ptt)-|sg\\.[\\w-]{10}|ya29\\.|\\/(?:services|workflows|triggers)\\/t|-----begin|(?:\\d[ -]?){13}';

const userInfo = /([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>]*@/gi;
const scheme =
  /\b(bearer|basic|negotiate|digest|api-?key)\s+(?!authenticat|authoriz|realm|scheme|token|credential|error|auth\b|(?:header|missing|invalid|required|expired|revoked|rejected|refused|unknown|validation)(?![\w.~+/=-]))[\w.~+/=-]{6,}/gi;
const tokens =
  /\b(?:eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?|A[KS]IA[A-Z0-9]{16}\b|AIza[\w-]{35}|(?:gh[pousr]_|github_pat_)\w{20,}|[rs]k_live_\w{10,}|xox[a-z]-[\w-]{10,}|sk-(?:(?:proj|ant|svcacct|admin|or)-[\w-]{10,}|[A-Za-z0-9]{32,})|npm_[A-Za-z0-9]{20,}|gl(?:pat|dt|rt|ptt)-[\w-]{10,}|SG\.[\w-]{10,}\.[\w-]{10,}|ya29\.[\w-]{10,})/g;
const webhook = /(\/(?:services|workflows|triggers)\/)T[A-Z0-9]{5,14}\/[A-Z0-9]{5,16}(?:\/\w{5,64}){1,2}/g;
const privateKey = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
// Not `git@github.com`, which is how one logs in there, nor `name@1.2.3`, which is how package managers write folders.
const email = /(?<![\w.%+-])([\w.%+-]{1,64})@(?!\d+\.\d)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24}\b/gi;
const cardNumber = /(?<![\w.-])(?:4|5[1-5]|2[2-7]|3[47]|6(?:011|5))(?:[ -]?\d){11,17}(?![\w.-])/g;

export function createTextRedactor(names: SecretNames, userKeys: readonly string[] = []): RedactText {
  const own = userKeys.map((key) => key.split(/[-_.\s]/, 1)[0] ?? '').filter((part) => part !== '');
  const worthALook = new RegExp([hint, shape, ...own.map(escapePattern)].join('|'), 'i');
  return (given) => {
    const text = given.length > textLimit ? `${given.slice(0, textLimit)}…` : given;
    if (text.length < 6 || !worthALook.test(text)) return text;
    let clean = text;
    if (clean.includes('@')) {
      clean = clean
        .replace(userInfo, '$1REDACTED:REDACTED@')
        .replace(email, (whole, local: string) => (local === 'REDACTED' || local === 'git' ? whole : 'REDACTED'));
    }
    clean = redactElements(redactCommands(redactPairs(clean, names), names), names);
    clean = redactWebhook(clean).replace(scheme, '$1 REDACTED').replace(tokens, 'REDACTED');
    if (clean.includes('-----BEGIN')) clean = clean.replace(privateKey, 'REDACTED');
    return clean.replace(cardNumber, (digits) => (isCard(digits) ? 'REDACTED' : digits));
  };
}

/** Slack's addresses are themselves the permission to post: `https://hooks.slack.com/services/T…/B…/…`. */
export function redactWebhook(text: string): string {
  return text.replace(webhook, '$1REDACTED');
}

/** Luhn's check, which one in ten numbers passes by chance; the prefix in the pattern rules out times and ids. */
function isCard(text: string): boolean {
  let sum = 0;
  let double = false;
  let count = 0;
  for (let i = text.length - 1; i >= 0; i -= 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) continue;
    const value = double ? digit * 2 : digit;
    sum += value > 9 ? value - 9 : value;
    double = !double;
    count += 1;
  }
  return count >= 13 && count <= 19 && sum % 10 === 0;
}
