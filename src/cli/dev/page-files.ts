// The files of the page, by the names under which the browser asks for them. Only what was there at the start is served.
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
};

export interface PageFile {
  type: string;
  read(): Promise<Buffer>;
}

/** Beside this file in the sources, beside the folder of the bundle once built. */
export function pageFolder(): string {
  const folders = ['./page/', '../page/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(folder)) ?? folders[1]!;
}

/** @returns what a path of a request stands for: `/` and `/page/<file>` */
export function pageFiles(folder = pageFolder()): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = name.replaceAll('\\', '/').replace(/\.br$/, '');
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const read = () => readFile(join(folder, name));
    // Small on disk, as it is over loopback.
    const file: PageFile = { type, read: name.endsWith('.br') ? async () => brotliDecompressSync(await read()) : read };
    files.set(`/page/${path}`, file);
    if (path === 'index.html') files.set('/', file);
  }
  return files;
}
