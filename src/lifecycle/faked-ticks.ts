// Notices fake timers that were left on (jest's and sinon's take `process.nextTick` along): no request of this thread gets anywhere
// then, another thread's does.
const { nextTick } = process;

export const ticksAreFaked = (): boolean => process.nextTick !== nextTick;
