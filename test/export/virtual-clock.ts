// A clock that stands still until it is moved: hours of back-off in milliseconds, and the same each time.

interface Event {
  at: number;
  order: number;
  run: () => void;
}

let time = 0;
let order = 0;
let events: Event[] = [];

const at = (ms: number, run: () => void) => {
  const event = { at: time + Math.max(0, ms), order: order++, run };
  events.push(event);
  return () => {
    events = events.filter((other) => other !== event);
  };
};

/** What `src/export/clock.ts` exports. */
export const virtualClock = {
  now: () => time,
  later: at,
  laterHolding: at,
  soon: (run: () => void) => at(0, run),
  every: (ms: number, run: () => void) => {
    let cancel = () => {};
    const again = () => {
      run();
      cancel = at(ms, again);
    };
    cancel = at(ms, again);
    return () => cancel();
  },
};

/** Starts over at zero with nothing planned. */
export function resetClock(): void {
  time = 0;
  events = [];
}

/** Moves on to `until` (ms), running all that is due and the promises that depend on it. */
export async function advanceTo(until: number): Promise<void> {
  for (;;) {
    await new Promise(setImmediate);
    let next: Event | undefined;
    for (const event of events) {
      if (event.at <= until && (!next || event.at < next.at || (event.at === next.at && event.order < next.order))) {
        next = event;
      }
    }
    if (!next) break;
    events = events.filter((event) => event !== next);
    time = Math.max(time, next.at);
    next.run();
  }
  time = until;
}
