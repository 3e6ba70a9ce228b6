// The shape of what the documentation says of one code.

export interface Explanation {
  /** One sentence: what is the case. */
  meaning: string;
  /** How it comes about, and how the doctor can tell. */
  how: string;
  /** What to do about it; a finding says it with the values at hand. */
  fix: string;
}
