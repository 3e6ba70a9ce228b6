// Owns which names hold secrets: query parameters and attribute keys, compared without case, dashes and underscores.

/** Query parameters that the semantic conventions and common practice call secret, as they are usually written. */
export const secretQueryNames = [
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
  'X-Goog-Credential',
  'token',
  'access_token',
  'id_token',
  'refresh_token',
  'api_key',
  'apikey',
  'key',
  'code',
  'password',
  'passwd',
  'secret',
  'client_secret',
  'auth',
  'session',
  'sessionid',
  'jsessionid',
  'phpsessid',
  'jwt',
];

/** Names that are secret wherever they stand: in a query, as an attribute key, in a `name=value` text. */
const secretAnywhere = [
  'password',
  'passwd',
  'pwd',
  'pass',
  'pw',
  'otp',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'cookies',
  'apikey',
  'accesskey',
  'accountkey',
  'accesskeyid',
  'awsaccesskeyid',
  'secretkey',
  'privatekey',
  'signingkey',
  'encryptionkey',
  'credential',
  'credentials',
  'jwt',
  'bearer',
  'sessionid',
  'jsessionid',
  'phpsessid',
  'sid',
  'connectionstring',
  'cardnumber',
  'cvv',
  'cvc',
  'ssn',
];

/** `userPassword`, `stripe_secret`, `github-token`, `x-api-key`. */
const secretEnding =
  /(?:password|passwd|passphrase|secret|token|apikey|accesskey|accountkey|secretkey|privatekey|authorization|cookie)$/;

/** `max_token`, `total_token`, `maxNewToken`: how many tokens a language model may use or used. */
const countOfTokens =
  /^(?:max|min|n|num|number|count|total|input|output|prompt|completion|reasoning|cached)[a-z]{0,12}token$/;

export interface SecretNames {
  /** Is this attribute key secret? Its last segment decides: `http.request.header.x-api-key`, `user.password`. */
  key(name: string): boolean;
  /** Is this query parameter secret? Percent-encoding and nesting (`user[password]`) are looked through. */
  parameter(name: string): boolean;
  /** Is this value under a secret name nothing but a count? `max_token=512`. */
  counts(name: string, value: string): boolean;
}

/** `userKeys` are further names from the settings, for keys and parameters alike. */
export function createSecretNames(userKeys: readonly string[] = []): SecretNames {
  const anywhere = new Set([...secretAnywhere, ...userKeys.map(squash)]);
  const parameters = new Set([...anywhere, ...secretQueryNames.map(squash)]);
  const wholeKeys = new Set(userKeys.map((key) => key.toLowerCase()));
  const secret = (names: Set<string>, last: string) => names.has(last) || secretEnding.test(last);
  return {
    key: (name) => secret(anywhere, squash(lastSegment(name))) || wholeKeys.has(name.toLowerCase()),
    parameter(name) {
      const plain = name.includes('%') || name.includes('+') ? decode(name) : name;
      return secret(parameters, squash(lastSegment(plain))) || wholeKeys.has(plain.toLowerCase());
    },
    counts: (name, value) =>
      /^\d{1,9}$/.test(value) && countOfTokens.test(squash(lastSegment(name))) && !wholeKeys.has(name.toLowerCase()),
  };
}

/** Percent-decoding that takes broken escapes as they are, and doubled ones (`%2573ig`) too. */
export function decode(text: string): string {
  let current = text.replaceAll('+', ' ');
  for (let round = 0; round < 3 && current.includes('%'); round += 1) {
    const next = decodeOnce(current);
    if (next === current) break;
    current = next;
  }
  return current;
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

function lastSegment(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === ']' || name[end - 1] === '[')) end -= 1;
  for (let i = end - 1; i >= 0; i -= 1) {
    const char = name[i];
    if (char === '.' || char === '[' || char === ']' || char === ':' || char === '/') return name.slice(i + 1, end);
  }
  return end === name.length ? name : name.slice(0, end);
}

function squash(name: string): string {
  return name.replace(/[-_\s]/g, '').toLowerCase();
}

/** For building a pattern out of a user's key. */
export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
