// What the documentation says of each code. Nothing of it is loaded by the command.
import type { DoctorCode } from './codes.ts';
import { endpointExplanations } from './explain-endpoint.ts';
import { runExplanations } from './explain-run.ts';
import { settingExplanations } from './explain-settings.ts';
import type { Explanation } from './explanation.ts';

export const explanations: Readonly<Record<DoctorCode, Explanation>> = {
  ...endpointExplanations,
  ...settingExplanations,
  ...runExplanations,
};
