// Owns the watch over names given to spans by hand (R30): a name with an id in it makes a group of its own in every
// backend. Names are left as they are; the mistake is said once, with the way out.
import { diag } from '@opentelemetry/api';

/** Different names that a program may write by hand; more come from values. */
export const nameLimit = 500;

export function createNameGuard(limit = nameLimit): (name: string) => void {
  const seen = new Set<string>();
  let told = false;
  return (name) => {
    if (told || seen.has(name)) return;
    seen.add(name);
    if (seen.size <= limit) return;
    told = true;
    seen.clear();
    diag.warn(
      `withSpan() was given more than ${limit} different names, the latest ${JSON.stringify(name.slice(0, 60))}. ` +
        'A name is for a group of spans; put what differs between them into attributes.',
    );
  };
}
