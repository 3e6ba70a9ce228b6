// What a front takes away from the traffic between the services.
import type { Filters } from './front.ts';

/** Local keeping without the keep-signal: no answer tells the caller anything. */
export const noSignal: Filters = {
  response: (headers) => {
    delete headers['server-timing'];
  },
};
