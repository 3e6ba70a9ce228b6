// The error for a destination that the settings name and that cannot be made: its sentence stands by itself.

export class DestinationError extends Error {
  override name = 'DestinationError';
  readonly code = 'KEEPTRACE_DESTINATION';
}
