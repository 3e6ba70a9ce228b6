// Owns span names made from a path when no framework tells the route (R18, R30): ids become `{id}`, and the number of
// different names is bounded, because a name per customer or per scanner probe makes every backend useless.

/** Segments kept of a path; the rest becomes `*`. */
const maxDepth = 8;
/** Characters up to which a segment without digits can be a word somebody wrote into a route. */
const maxWord = 40;
/** Different templates a process may use before new paths are named by their method alone. */
export const maxTemplates = 300;

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY']);

/** The method as span names show it: `HTTP` for one that the semantic conventions do not know (`_OTHER`). */
export function methodName(method: string | undefined): string {
  const upper = (method ?? 'GET').toUpperCase();
  return methods.has(upper) ? upper : 'HTTP';
}

export interface RouteNames {
  /** Whether a template that was not seen before still has a place among the bounded ones. */
  admit(template: string): boolean;
  /** `GET /orders/{id}`, or `GET` alone for 404, 405 and beyond the bound. */
  name(method: string | undefined, path: string, status: number): string;
  /** True once a path was refused its own name because the bound was reached. */
  readonly full: boolean;
}

export function createRouteNames(limit = maxTemplates): RouteNames {
  const known = new Set<string>();
  let full = false;
  const admit = (template: string): boolean => {
    if (known.has(template)) return true;
    if (known.size >= limit) {
      full = true;
      return false;
    }
    known.add(template);
    return true;
  };
  return {
    admit,
    name(method, path, status) {
      const verb = methodName(method);
      // Nobody routes these: their paths are whatever a scanner or a typo sent.
      if (status === 404 || status === 405 || status === 501) return verb;
      const template = templatePath(path);
      return template !== undefined && admit(template) ? `${verb} ${template}` : verb;
    },
    get full() {
      return full;
    },
  };
}

/** `/orders/17/items?x=1` → `/orders/{id}/items`; undefined when it is no path (`*`, an authority). */
export function templatePath(target: string): string | undefined {
  const path = pathOf(target);
  if (path === undefined) return undefined;
  let template = '';
  let depth = 0;
  let start = 1;
  while (start <= path.length) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    if (end > start) {
      if (depth === maxDepth) return `${template}/*`;
      template += `/${templateSegment(path.slice(start, end))}`;
      depth += 1;
    }
    start = end + 1;
  }
  return template || '/';
}

/** The path of a request target: origin form, or absolute form as proxies get it; without query and fragment. */
export function pathOf(target: string): string | undefined {
  let start = 0;
  if (target.charCodeAt(0) !== 47) {
    const scheme = target.indexOf('://');
    if (scheme < 0) return undefined;
    start = target.indexOf('/', scheme + 3);
    if (start < 0) return '/';
  }
  let end = target.length;
  for (const mark of ['?', '#']) {
    const at = target.indexOf(mark, start);
    if (at >= 0 && at < end) end = at;
  }
  return start === 0 && end === target.length ? target : target.slice(start, end);
}

export function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function templateSegment(raw: string): string {
  const semicolon = raw.indexOf(';');
  const segment = semicolon < 0 ? raw : raw.slice(0, semicolon);
  const extension = /^(.{1,200})(\.[a-z]{2,5})$/.exec(segment);
  if (extension?.[1] !== undefined && !/@|%40/.test(segment)) return templateWord(extension[1]) + extension[2];
  return templateWord(segment);
}

function templateWord(word: string): string {
  if (word.length <= maxWord && /^[a-z]+$/.test(word) && !/^[a-f]{16,}$/.test(word)) return word;
  if (/^\d{4}-\d\d(-\d\d)?(T.*)?$/.test(word)) return '{date}';
  if (/^[^@]+(@|%40)[^@]+\.[a-z]+$/i.test(word)) return '{email}';
  return isIdentifier(word) ? '{id}' : word;
}

function isIdentifier(word: string): boolean {
  if (word.length > maxWord || !/^[\w.~:-]+$/.test(word)) return true;
  let digits = 0;
  let upper = 0;
  let dashes = 0;
  for (let i = 0; i < word.length; i += 1) {
    const code = word.charCodeAt(i);
    if (code >= 48 && code <= 57) digits += 1;
    else if (code >= 65 && code <= 90) upper += 1;
    else if (code === 45) dashes += 1;
  }
  const version = /^v\d{1,3}(\.\d{1,3}){0,2}([a-z]+\d?)?$/i.test(word);
  if (version) return false;
  // `oauth2`, `i18n`, `s3`, `2fa` are words; `17`, `a1b2c3`, `cus_9s6XKz8` are not.
  if (digits > 2 || (digits > 0 && (digits === word.length || word.length >= 16))) return true;
  if (digits > 0 && /^[0-9a-f]{8,}$/i.test(word)) return true;
  // Random letters mix their cases about evenly; a camelCase name has a capital every fifth letter or so.
  if (word.length >= 16 && upper / word.length > 0.3 && upper < word.length) return true;
  if (/^[0-9a-f]{16,}$/i.test(word)) return true;
  return dashes >= 5;
}
