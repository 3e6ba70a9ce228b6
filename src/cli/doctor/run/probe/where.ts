// Owns the way from a stack to the line of the app that is behind it.
import { fileURLToPath } from 'node:url';

const DEEP = 40;

let home = '';

/** @param folder of keeptrace itself, whose frames are not the app's */
export function setHome(folder: string): void {
  home = folder;
}

/** An error whose stack reaches down to the app, through the layers of the SDK. */
export function deepError(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEP;
  try {
    return new Error();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** `/srv/app/server.js:12`: the innermost frame that is neither of Node nor of a package. */
export function appFrame(error: Error): string | undefined {
  for (const line of String(error.stack).split('\n').slice(1)) {
    const place = placeOf(line);
    if (place === undefined || /[\\/]node_modules[\\/]/.test(place)) continue;
    if (home === '' || !place.startsWith(home)) return place;
  }
  return undefined;
}

/** The packages on the way, innermost first. */
export function packageFrames(stack: string): string[] {
  return [...stack.matchAll(/node_modules[\\/]((?:@[^\\/\s]+[\\/])?[^\\/\s]+)[\\/]/g)].map(([, name]) =>
    name!.replace('\\', '/'),
  );
}

function placeOf(line: string): string | undefined {
  const [, place, row] =
    /(?:\(|at (?:async )?)((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*?):(\d+):\d+\)?$/.exec(line) ?? [];
  if (place === undefined) return undefined;
  return `${place.startsWith('file:') ? fileURLToPath(place) : place}:${row}`;
}
