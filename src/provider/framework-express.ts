// Owns the route of an Express request, read from the request object that Express decorates, so without a dependency.
import type { IncomingMessage } from 'node:http';
import { pathOf, templatePath } from '../span/route-name.ts';

interface ExpressRequest extends IncomingMessage {
  baseUrl?: unknown;
  originalUrl?: unknown;
  route?: { path?: unknown };
}

/** `/orders/:id`, or undefined when no Express route took the request. */
export function expressRoute(request: IncomingMessage): string | undefined {
  const { route, baseUrl, originalUrl, url } = request as ExpressRequest;
  const pattern = route?.path;
  if (pattern === undefined || pattern === null) return undefined;
  const path = pathOf(typeof originalUrl === 'string' ? originalUrl : (url ?? '')) ?? '/';
  // A list of alternatives: which one matched is not told, the path itself comes nearest.
  if (Array.isArray(pattern)) return templatePath(path);
  const local = String(pattern).slice(0, 200);
  if (typeof pattern !== 'string') return local;
  return join(mountPath(path, typeof baseUrl === 'string' ? baseUrl : '', local), local);
}

/**
 * Where the router is mounted. Express has already forgotten it when an error handler outside the router answered; then
 * it is the part of the path that the local pattern leaves over. Mount paths may hold parameters, hence the template.
 */
function mountPath(path: string, baseUrl: string, local: string): string {
  if (baseUrl !== '') return templatePath(baseUrl) ?? '';
  if (/[*{(]/.test(local)) return '';
  const own = segments(local).length;
  const all = segments(path);
  return all.length > own ? (templatePath(`/${all.slice(0, all.length - own).join('/')}`) ?? '') : '';
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function join(mount: string, local: string): string {
  const base = mount === '/' ? '' : mount;
  return local === '/' && base !== '' ? base : base + (local.startsWith('/') ? local : `/${local}`);
}
