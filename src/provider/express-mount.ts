// Owns where the router of an Express route is mounted. Express itself tells only the path that matched, and not even that
// once an error left the router, so the routers are asked: Express 4 keeps a pattern per layer, Express 5 a function.
import { segments } from '../span/route-name.ts';

type Match = { path: string; params: Record<string, unknown> };

interface Layer {
  route?: unknown;
  handle?: { stack?: unknown };
  /** Express 5. */
  slash?: unknown;
  rawPath?: unknown;
  matchers?: ((path: string) => Match | false)[];
  /** Express 4. */
  regexp?: RegExp & { fast_slash?: boolean };
  keys?: { name: string | number }[];
}

interface App {
  parent?: unknown;
  router?: { stack?: unknown };
  _router?: { stack?: unknown };
}

export interface Mount {
  /** `/tenants/:tenant`, or '' for a route of the app itself. */
  pattern: string;
  /** What the mount leaves of the path. */
  rest: string;
}

const depthLimit = 10;
/** Mounts without parameters, which are most of them, so that their routers are asked once. */
const fixed = new WeakMap<object, string>();

/** Undefined when the route is not found below `app`, as with an app within an app, whose routers are out of sight. */
export function findMount(app: unknown, route: object, path: string): Mount | undefined {
  const known = fixed.get(route);
  if (known !== undefined && path.startsWith(`${known}/`)) return { pattern: known, rest: path.slice(known.length) };
  try {
    const { parent, _router, router } = rootOf(app);
    const mount = parent === undefined ? search((_router ?? router)?.stack, route, path, '', 0) : undefined;
    if (mount !== undefined && mount.pattern !== '' && path === mount.pattern + mount.rest)
      fixed.set(route, mount.pattern);
    return mount;
  } catch {
    return undefined;
  }
}

/** Express 4 throws at whoever reads `router`. */
function rootOf(app: unknown): { [key in keyof App]: App[key] | undefined } {
  const { parent, _router } = app as App;
  return _router === undefined ? { parent, router: (app as App).router } : { parent, _router };
}

function search(stack: unknown, route: object, path: string, pattern: string, depth: number): Mount | undefined {
  if (!Array.isArray(stack) || depth > depthLimit) return undefined;
  for (const layer of stack as Layer[]) {
    if (layer.route === route) return { pattern, rest: path };
    if (layer.route !== undefined || layer.handle?.stack === undefined) continue;
    const match = matchOf(layer, path);
    if (match === undefined) continue;
    const rest = path.slice(match.path.length);
    const own = patternOf(layer, match);
    if (own === undefined) continue;
    const found = search(layer.handle.stack, route, rest || '/', pattern + own, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function matchOf(layer: Layer, path: string): Match | undefined {
  if (layer.slash === true || layer.regexp?.fast_slash === true) return { path: '', params: {} };
  for (const matcher of layer.matchers ?? []) {
    const match = matcher(path);
    if (match) return { path: trimSlash(match.path), params: match.params };
  }
  const hit = layer.regexp?.exec(path);
  if (!hit) return undefined;
  const params: Record<string, unknown> = {};
  for (const [at, { name }] of (layer.keys ?? []).entries()) params[name] = hit[at + 1];
  return { path: trimSlash(hit[0]), params };
}

/** Undefined where text of the path would stay in it: below a regular expression of the app's, or a wildcard. */
function patternOf({ rawPath, regexp }: Layer, match: Match): string | undefined {
  if (typeof rawPath === 'string') return trimSlash(rawPath);
  const written = rawPath === undefined ? [] : [rawPath].flat(5);
  if (written.some((one) => typeof one !== 'string')) return undefined;
  // This is how the regular expressions end that Express 4 makes of paths.
  if (regexp !== undefined && !regexp.source.endsWith('(?=\\/|$)') && !regexp.fast_slash) return undefined;
  const values = Object.values(match.params);
  return values.every((value) => typeof value === 'string' && !value.includes('/'))
    ? withParameters(match.path, match.params)
    : undefined;
}

/** `/tenants/acme` with tenant = acme → `/tenants/:tenant`. The last segment of that text counts: names come first. */
export function withParameters(path: string, params: Record<string, unknown>): string {
  const parts = segments(path);
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== 'string' || value === '') continue;
    const at = parts.findLastIndex((part) => part === value || decoded(part) === value);
    if (at >= 0) parts[at] = `:${name}`;
  }
  return parts.length === 0 ? '' : `/${parts.join('/')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function trimSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
