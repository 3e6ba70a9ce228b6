// How a service calls another: node:http or fetch, with the request id in an ordinary header.
import http from 'node:http';
import type { ServiceNode } from './graph.ts';

export interface Called {
  /** 0 when no answer came. */
  status: number;
  /** The code or name of the error where none came. */
  error: string | undefined;
}

/** @param abortMs hang up after so many milliseconds */
export async function call(
  client: ServiceNode['client'],
  url: string,
  headers: Record<string, string>,
  abortMs: number | undefined,
): Promise<Called> {
  const controller = new AbortController();
  const timer = abortMs === undefined ? undefined : setTimeout(() => controller.abort(), abortMs);
  const signal = abortMs === undefined ? undefined : controller.signal;
  try {
    const status = await (client === 'http' ? viaHttp(url, headers, signal) : viaFetch(url, headers, signal));
    return { status, error: undefined };
  } catch (error) {
    return { status: 0, error: nameOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function viaFetch(url: string, headers: Record<string, string>, signal: AbortSignal | undefined) {
  const response = await fetch(url, { headers, ...(signal && { signal }) });
  await response.text();
  return response.status;
}

function viaHttp(url: string, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, ...(signal && { signal }) }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
  });
}

function nameOf(error: unknown): string {
  const { cause, code, name } = error as { cause?: { code?: string }; code?: string; name?: string };
  return cause?.code ?? code ?? name ?? String(error);
}
