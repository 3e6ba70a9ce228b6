// Shortens a text without leaving half a secret at its end, which no redaction would recognise any more. Pure.

/** How far back from the edge a delimiter is looked for: tokens are shorter, and nothing else is lost by more. */
const BACK = 4_096;
const delimiter = /[\s"'`,;&<>(){}[\]|]/;
/** A URL that ends before its host: what stands there may be a password whose `@` was cut off. */
const openAuthority = /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/?#"'<>]*$/i;

/**
 * At most `limit` characters of `text`, which is longer or was cut there by somebody else. Ends before the word that the
 * edge went through. The result holds no reference to `text`, as a slice made by V8 would.
 */
export function cutText(text: string, limit: number): string {
  let end = Math.min(limit, text.length);
  const lowest = Math.max(0, end - BACK);
  let at = end - 1;
  while (at > lowest && !delimiter.test(text[at]!)) at--;
  if (at > lowest) end = at;
  // Numbers of cards have spaces and dashes in them.
  while (end > lowest && /[\d\s-]/.test(text[end - 1]!)) end--;
  const start = Math.max(0, end - BACK);
  const url = openAuthority.exec(text.slice(start, end));
  if (url) end = start + url.index;
  // The first half of a pair of surrogates is no character.
  if (end > 0 && /[\ud800-\udbff]/.test(text[end - 1]!)) end--;
  return ` ${text.slice(0, end)}`.slice(1);
}
