// Makes text from a server or a foreign exporter fit for a log line: short, on one line, without credentials.

/** Characters that are said. */
const MAX = 120;
/** Characters that are looked at. */
const READ = 8_192;

const userInfo = /([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#"'<>]*@/gi;
const query = /([a-z][a-z0-9+.-]{1,20}:\/\/[^\s?#"'<>]{1,2048}\?)[^\s"'<>]+/gi;
const scheme = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;

/** Hides what is a credential wherever it stands: userinfo and query of a URL, and what follows `Bearer` or `Basic`. */
export function hideCredentials(text: string): string {
  return text.replace(userInfo, '$1***@').replace(query, '$1***').replace(scheme, '$1 ***');
}

/**
 * @param secrets values that must not appear, such as those of the request headers and of the query
 * @param redactText hides what else is secret, before `hideCredentials` does
 */
export function createScrub(secrets: string[], redactText = (text: string) => text): (text: string) => string {
  const hidden = secrets
    .flatMap(spellings)
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text.slice(0, READ);
    for (const secret of hidden) clean = clean.replaceAll(secret, '***');
    clean = hideCredentials(redactText(clean));
    clean = clean.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
    return clean.length > MAX ? `${clean.slice(0, MAX)}…` : clean;
  };
}

/** What a server may echo of a value: "Bearer abc" or only "abc", and what "Basic" stands for. */
function spellings(secret: string): string[] {
  const basic = /^basic\s+(\S+)$/i.exec(secret)?.[1];
  const decoded = basic ? Buffer.from(basic, 'base64').toString('utf8') : '';
  return [secret, ...secret.split(/\s+/), decoded, decoded.slice(decoded.indexOf(':') + 1)];
}
