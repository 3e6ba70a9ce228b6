// Owns the question where the app was started.

/** undefined when that folder was deleted meanwhile, as deployments do: `process.cwd()` throws then (ENOENT). */
export function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
