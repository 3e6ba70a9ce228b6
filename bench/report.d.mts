export function option(name: string, fallback: string): string;
export function median(values: number[]): number;
export function table(head: string[], rows: (string | number)[][]): string;
export function writeSection(name: string, text: string, page?: string): void;
