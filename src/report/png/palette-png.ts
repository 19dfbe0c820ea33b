/**
 * A picture as a PNG of at most 256 colours: a third of the size of one in full colour, which is
 * what a page with twenty pictures in it needs. Charts have few colours and the smoothed edges
 * between them; the frequent ones stay as they are, the rest take a near one.
 * Layout of the file: PNG specification, third edition, sections 5 and 11.
 */

import { crc32, deflateSync } from 'node:zlib';
import type { Bitmap } from './bitmap.ts';

const COLOURS_MOST = 256;

/** Steps of the cube of colours that pictures with more than 256 fall back on. */
const CUBE = [0, 64, 128, 191, 255];

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function palettePng({ width, height, rgba }: Bitmap): Buffer {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const { colours, indexOf } = choosePalette(pixels);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(colours.flat())),
    chunk('IDAT', deflateSync(scanLines(pixels, width, height, indexOf), { level: 7 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Each line begins with its filter: none. Most pixels are as the one before them. */
function scanLines(pixels: Uint32Array, width: number, height: number, indexOf: Uint8Array) {
  const lines = Buffer.alloc((width + 1) * height);
  let from = 0;
  let last = pixels[0] as number;
  let index = indexOf[quantize(last)] as number;
  for (let y = 0; y < height; y++) {
    let to = y * (width + 1) + 1;
    for (let x = 0; x < width; x++) {
      const pixel = pixels[from++] as number;
      if (pixel !== last) index = indexOf[quantize((last = pixel))] as number;
      lines[to++] = index;
    }
  }
  return lines;
}

type Rgb = readonly [red: number, green: number, blue: number];

interface Palette {
  readonly colours: readonly Rgb[];
  /** By bin: five bits of each of red, green and blue. */
  readonly indexOf: Uint8Array;
}

const BINS = 1 << 15;

/** Of a pixel as the machine reads it: red in the lowest byte (little-endian). */
function quantize(pixel: number): number {
  return ((pixel & 0xf8) << 7) | ((pixel & 0xf800) >>> 6) | ((pixel >>> 19) & 0x1f);
}

function choosePalette(pixels: Uint32Array): Palette {
  const counts = new Uint32Array(BINS);
  const first = new Uint32Array(BINS);
  for (let i = 0; i < pixels.length; ) {
    const pixel = pixels[i] as number;
    const begun = i;
    while (pixels[++i] === pixel) {}
    const bin = quantize(pixel);
    if (counts[bin] === 0) first[bin] = pixel;
    counts[bin] = (counts[bin] as number) + i - begun;
  }
  const used = Array.from(counts, (count, bin) => ({ count, bin })).filter(
    ({ count }) => count > 0,
  );
  used.sort((a, b) => b.count - a.count || a.bin - b.bin);
  const colours = used.map(({ bin }) => unpackColour(first[bin] as number));
  const kept = colours.length <= COLOURS_MOST ? colours : withCube(colours);
  const indexOf = new Uint8Array(BINS);
  used.forEach(({ bin }, i) => {
    const isKept = kept[i] === colours[i];
    indexOf[bin] = isKept ? i : nearest(kept, colours[i] as Rgb);
  });
  return { colours: kept, indexOf };
}

/** The most frequent colours, and a cube of colours so that the others have a near one. */
function withCube(colours: readonly Rgb[]): readonly Rgb[] {
  const cube = CUBE.flatMap((r) => CUBE.flatMap((g) => CUBE.map((b): Rgb => [r, g, b])));
  return [...colours.slice(0, COLOURS_MOST - cube.length), ...cube];
}

function unpackColour(pixel: number): Rgb {
  return [pixel & 0xff, (pixel >>> 8) & 0xff, (pixel >>> 16) & 0xff];
}

function nearest(colours: readonly Rgb[], [red, green, blue]: Rgb): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  colours.forEach(([r, g, b], i) => {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
