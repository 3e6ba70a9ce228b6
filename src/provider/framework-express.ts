// Owns the route of an Express request, read from the request object that Express decorates, so without a dependency.
import type { IncomingMessage } from 'node:http';
import { pathOf, templatePath } from '../span/route-name.ts';

interface ExpressRequest extends IncomingMessage {
  baseUrl?: unknown;
  originalUrl?: unknown;
  params?: Record<string, unknown>;
  route?: { path?: unknown };
}

export interface ExpressRoute {
  /** `/orders/:id` */
  route: string;
  /** True when the part before the router's own pattern was made from the path, so that its variety has to be watched. */
  guessed: boolean;
}

/** Undefined when no Express route took the request. */
export function expressRoute(request: IncomingMessage): ExpressRoute | undefined {
  const { route, baseUrl, originalUrl, params, url } = request as ExpressRequest;
  const pattern = route?.path;
  if (pattern === undefined || pattern === null) return undefined;
  const path = pathOf(typeof originalUrl === 'string' ? originalUrl : (url ?? '')) ?? '/';
  // Of a list of alternatives it is not told which one matched; the path itself comes nearest.
  if (Array.isArray(pattern)) return { route: templatePath(path) ?? '/', guessed: true };
  const local = String(pattern).slice(0, 200);
  if (typeof pattern !== 'string') return { route: local, guessed: false };
  const mount = mountPath(path, typeof baseUrl === 'string' ? baseUrl : '', local, params);
  return { route: join(mount, local), guessed: mount !== '' };
}

/**
 * Where the router is mounted, which Express tells as the path that matched, not as the pattern. It has forgotten even
 * that when an error handler outside the router answered; then it is what the local pattern leaves over of the path.
 */
function mountPath(path: string, baseUrl: string, local: string, params: ExpressRequest['params']): string {
  if (baseUrl !== '') return templatePath(withParameters(baseUrl, params)) ?? '';
  if (/[*{(]/.test(local)) return '';
  const own = segments(local).length;
  const all = segments(path);
  return all.length > own ? (templatePath(`/${all.slice(0, all.length - own).join('/')}`) ?? '') : '';
}

/** With `mergeParams` the router knows the mount's parameters: `/tenants/acme` → `/tenants/:tenant`. */
function withParameters(mount: string, params: ExpressRequest['params']): string {
  let result = mount;
  for (const [name, value] of Object.entries(params ?? {})) {
    if (typeof value === 'string' && value !== '')
      result = `${result}/`.replace(`/${value}/`, `/:${name}/`).slice(0, -1);
  }
  return result;
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function join(mount: string, local: string): string {
  const base = mount === '/' ? '' : mount;
  return local === '/' && base !== '' ? base : base + (local.startsWith('/') ? local : `/${local}`);
}
