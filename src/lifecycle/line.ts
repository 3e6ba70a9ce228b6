// The one style of everything that is printed: prefix, one line, short, nothing that a terminal would obey. Pure.

/** Bytes of a whole line, newline included. */
const MAX_BYTES = 512;

/** Control characters, and those that reorder or hide text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

export function formatLine(text: string): string {
  let line = `keeptrace: ${text.replace(unprintable, ' ').trim()}`;
  if (Buffer.byteLength(line) >= MAX_BYTES) {
    const cut = Buffer.from(line).subarray(0, MAX_BYTES - 4);
    // Cutting inside a character would leave a replacement character.
    line = `${new TextDecoder().decode(cut, { stream: true })}…`;
  }
  return `${line}\n`;
}

/** `12345` → `12,345 spans`. */
export function countOf(count: number, noun: string): string {
  const digits = String(count).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${digits} ${noun}${count === 1 ? '' : 's'}`;
}

/** `950` → `1 s`; `90000` → `90 s`; `600000` → `10 min`. */
export function durationOf(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
