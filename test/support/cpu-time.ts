// What something costs where others may need the machine as well.

/** Milliseconds this process computed during `work`: waiting for a core is not in them. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
