/**
 * Folders of pure functions: their tests leave nothing behind in a process, and need none of their own.
 * The modules they share are loaded once, so none of them may replace a module.
 */
export const PURE = [
  'config',
  'harness',
  'export/cut',
  'export/report',
  'lifecycle',
  'logs',
  'receiver',
  'sampling',
  'span',
];
