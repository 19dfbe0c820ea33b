/**
 * Pixels as bytes: pictures are put together and made smaller here, since a canvas would paint
 * everything a second time. Opaque throughout; red first.
 */

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel. */
  readonly rgba: Uint8Array;
}

/** All white. */
export function whiteBitmap(width: number, height: number): Bitmap {
  return {
    width,
    height,
    rgba: new Uint8Array(new Uint32Array(width * height).fill(0xffffffff).buffer),
  };
}

/** Copies `part` onto `bitmap`, its corner at (x, y); it has to lie inside. */
export function place(bitmap: Bitmap, part: Bitmap, x: number, y: number): void {
  const rowBytes = part.width * 4;
  for (let row = 0; row < part.height; row++) {
    const from = part.rgba.subarray(row * rowBytes, (row + 1) * rowBytes);
    bitmap.rgba.set(from, ((y + row) * bitmap.width + x) * 4);
  }
}

/** Half as wide and high: each pixel the mean of four. Sides have to be even. */
export function halved({ width, height, rgba }: Bitmap): Bitmap {
  const small = whiteBitmap(width / 2, height / 2);
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const to = new Uint32Array(small.rgba.buffer);
  let next = 0;
  for (let y = 0; y < height; y += 2) {
    for (let at = y * width; at < (y + 1) * width; at += 2) {
      const upper = from[at] as number;
      const lower = from[at + width + 1] as number;
      to[next++] = meanOfFour(upper, from[at + 1] as number, from[at + width] as number, lower);
    }
  }
  return small;
}

/** Of each of the four bytes: their upper six bits and their lower two, added apart. */
function meanOfFour(a: number, b: number, c: number, d: number): number {
  if (a === b && c === d && a === c) return a;
  const upper = high(a) + high(b) + high(c) + high(d);
  const lower = low(a) + low(b) + low(c) + low(d) + 0x02020202;
  return (upper + ((lower >>> 2) & 0x03030303)) >>> 0;
}

function high(pixel: number): number {
  return (pixel >>> 2) & 0x3f3f3f3f;
}

function low(pixel: number): number {
  return pixel & 0x03030303;
}
