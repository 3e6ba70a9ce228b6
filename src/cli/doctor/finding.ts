// What a check of the doctor finds: data, for the screen, for `--json` and for `--report` alike.

/** One thing that keeps traces from arriving, or could. No text of it ever carries a secret. */
export interface Finding {
  /** One of the codes of docs/doctor.md, such as `ENDPOINT_REFUSED`. */
  code: string;
  /** `error`: no traces arrive. `warning`: some do not, or soon none will. */
  severity: 'error' | 'warning';
  /** One sentence: what is wrong. */
  what: string;
  /** Where it comes from: "OTEL_EXPORTER_OTLP_ENDPOINT in the environment". */
  from?: string;
  /** What to do, as a line to paste wherever there is one. */
  fix: string;
}
