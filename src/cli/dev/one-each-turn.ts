// Lets one piece of work begin in each turn of the event loop, so that a burst of exports does not keep the page waiting
// for all of them.

/** @returns a function whose promises resolve in the order they were asked for, one a turn */
export function oneEachTurn(): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const next = () => {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(next);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setImmediate(next);
    });
}
