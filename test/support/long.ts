// What takes long is taken in part by `npm test`, and as a whole by `npm run test:long`.

export const long = process.env.KEEPTRACE_TESTS === 'long';

/** All cases in the long run, else those that are enough to notice most faults. */
export function some<Case>(all: readonly Case[], enough: (one: Case) => boolean): Case[] {
  return long ? [...all] : all.filter(enough);
}
