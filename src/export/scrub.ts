// Makes text from a server fit for a log line: short, on one line, without our own credentials echoed in it.
const MAX = 120;

/** @param secrets values that must not appear, such as those of the request headers */
export function createScrub(secrets: string[]): (text: string) => string {
  const hidden = secrets
    // A server may echo "Bearer abc" or only "abc".
    .flatMap((secret) => [secret, ...secret.split(/\s+/)])
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of hidden) clean = clean.replaceAll(secret, '***');
    clean = clean.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
    return clean.length > MAX ? `${clean.slice(0, MAX)}…` : clean;
  };
}
