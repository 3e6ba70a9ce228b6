// Colours for a terminal that wants them, and none for a file, a pipe or NO_COLOR.

export type Paint = (style: keyof typeof STYLES, text: string) => string;

const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
} as const;

export const plain: Paint = (_style, text) => text;

const coloured: Paint = (style, text) => `\u001b[${STYLES[style][0]}m${text}\u001b[${STYLES[style][1]}m`;

export function paintFor(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): Paint {
  if (env.NO_COLOR) return plain;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return coloured;
  return stream.isTTY && env.TERM !== 'dumb' ? coloured : plain;
}
