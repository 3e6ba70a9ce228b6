// Owns the route of an Express request, read from the request object that Express decorates, so without a dependency.
import type { IncomingMessage } from 'node:http';
import { pathOf, segments, templatePath } from '../span/route-name.ts';
import { findMount, withParameters } from './express-mount.ts';

interface ExpressRequest extends IncomingMessage {
  baseUrl?: unknown;
  originalUrl?: unknown;
  params?: Record<string, unknown>;
  route?: { path?: unknown };
  app?: unknown;
}

export interface ExpressRoute {
  /** `/orders/:id` */
  route: string;
  /** True when the mount was made from the path, so that its variety has to be watched. */
  guessed: boolean;
}

/** Undefined when no Express route took the request, or when naming it would put the path's own text into the route. */
export function expressRoute(request: IncomingMessage): ExpressRoute | undefined {
  const { app, route, baseUrl, originalUrl, params, url } = request as ExpressRequest;
  const pattern = route?.path;
  if (route === undefined || pattern === undefined || pattern === null) return undefined;
  const path = pathOf(typeof originalUrl === 'string' ? originalUrl : (url ?? '')) ?? '/';
  const mount = findMount(app, route, path);
  const base = typeof baseUrl === 'string' ? baseUrl : '';
  const local = localPattern(pattern, mount?.rest ?? (path.startsWith(base) ? path.slice(base.length) : path));
  if (local === undefined) return undefined;
  if (mount !== undefined) return { route: join(mount.pattern, local), guessed: false };
  if (base !== '') return { route: join(templatePath(mountOf(base, local, params)) ?? '', local), guessed: true };
  // An error handler outside the router answered, and Express has forgotten where it was mounted: if anything is left of
  // the path, it may as well be a customer's name as a word of the app's.
  return spans(local, path) ? { route: local, guessed: false } : undefined;
}

/** With `mergeParams` the router knows the mount's parameters, too. Its own stand behind the mount. */
function mountOf(baseUrl: string, local: string, params: ExpressRequest['params']): string {
  const foreign = Object.entries(params ?? {}).filter(([name]) => !parametersOf(local).has(name));
  return withParameters(baseUrl, Object.fromEntries(foreign));
}

function parametersOf(pattern: string): Set<string> {
  return new Set(
    [...pattern.matchAll(/[:*](?:"([^"]+)"|([\p{L}\p{N}_$]+))/gu)].map(([, quoted, plain = '']) => quoted ?? plain),
  );
}

/** Of a list of alternatives it is not told which one matched: the one whose fixed segments the path has. */
function localPattern(pattern: unknown, path: string): string | undefined {
  if (!Array.isArray(pattern)) return String(pattern).slice(0, 200);
  const left = pattern.flat(5).filter((one) => typeof one !== 'string' || !contradicts(one, path));
  const found =
    left.find((one) => typeof one === 'string' && !isOpen(one)) ?? (left.length === 1 ? left[0] : undefined);
  return found === undefined ? undefined : String(found).slice(0, 200);
}

function contradicts(pattern: string, path: string): boolean {
  const expected = segments(isOpen(pattern) ? pattern.slice(0, pattern.search(open)).replace(/[^/]*$/, '') : pattern);
  const actual = segments(path);
  if (isOpen(pattern) ? actual.length < expected.length : actual.length !== expected.length) return true;
  return expected.some((part, at) => !part.includes(':') && part.toLowerCase() !== actual[at]?.toLowerCase());
}

/** Whether a pattern of the app itself can account for the whole path. */
function spans(local: string, path: string): boolean {
  return (
    !local.startsWith('/') || local.startsWith('/^') || isOpen(local) || segments(local).length >= segments(path).length
  );
}

/** What makes a pattern match a number of segments that cannot be counted: wildcards, groups, options. */
const open = /[*{(?+]/;

function isOpen(pattern: string): boolean {
  return open.test(pattern);
}

function join(mount: string, local: string): string {
  const base = mount === '/' ? '' : mount;
  return local === '/' && base !== '' ? base : base + (local.startsWith('/') ? local : `/${local}`);
}
