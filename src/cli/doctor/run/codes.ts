// What is said where the chain breaks and none of the 35 checks knows why; the rest is in ../codes.ts.
import type { DoctorCode } from '../codes.ts';

export const chainCodes = {
  NOT_STARTED: 'The command could not be run, or no Node process came of it.',
  NO_TRACING: 'The app ran without tracing.',
  NO_SPANS: 'Tracing was on, and nothing made a span.',
  NOTHING_KEPT: 'Spans ended and none was kept.',
  NOT_ACCEPTED: 'Spans were kept, and the destination took none of them.',
} as const;

export type RunCode = DoctorCode | keyof typeof chainCodes;
