// Owns asking functions of the app about a message or its error.

/** What `answer` says; one that throws costs its own answer only, as does one that says it later, when it is too late. */
export function ask<A, T>(answer: (about: A) => T, about: A): T | undefined {
  try {
    const said = answer(about);
    if (typeof (said as { then?: unknown } | undefined)?.then !== 'function') return said;
    // Should it fail, nobody else would hear it, and the process would end.
    Promise.resolve(said).catch(() => {});
  } catch {
    // As if it had not been there.
  }
  return undefined;
}
