// An error that is recorded and caught: nobody else hears of it.
import { withSpan } from 'keeptrace';

export function mishap() {
  return withSpan('risky', () => Promise.reject(new Error('no stock left'))).catch(() => {});
}
