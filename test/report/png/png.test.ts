/** Pictures: what is drawn is there, what cannot be drawn is an error, and they look as agreed. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, test } from 'vitest';
import type { Figure } from '../../../src/report/figures/figure.ts';
import { figuresOfRun } from '../../../src/report/inputs/figures-of-run.ts';
import { type Bitmap, halved, place, whiteBitmap } from '../../../src/report/png/bitmap.ts';
import { figurePicture } from '../../../src/report/png/figure-picture.ts';
import { assertDrawsText, FONT, prepareFonts } from '../../../src/report/png/fonts.ts';
import { palettePng } from '../../../src/report/png/palette-png.ts';
import { sampleRun } from '../reported.ts';

const GOLDEN = new URL('../golden/', import.meta.url);

async function decoded(png: Buffer): Promise<Bitmap> {
  const image = await loadImage(png);
  const { width, height } = image;
  const pen = createCanvas(width, height).getContext('2d');
  pen.drawImage(image, 0, 0);
  return { width, height, rgba: new Uint8Array(pen.getImageData(0, 0, width, height).data) };
}

describe('fonts', () => {
  test('the shipped typeface draws', () => {
    prepareFonts();
    expect(() => assertDrawsText(FONT)).not.toThrow();
  });

  test('a missing one is a loud failure, not a picture without words', () => {
    expect(() => assertDrawsText('No Such Typeface')).toThrow(/is not registered/);
  });
});

describe('bitmaps', () => {
  test('parts are put where they belong', () => {
    const bitmap = whiteBitmap(4, 4);
    const black = { width: 2, height: 2, rgba: new Uint8Array(16) };
    place(bitmap, black, 2, 1);
    const reds = Array.from({ length: 16 }, (_, i) => bitmap.rgba[4 * i]);
    expect(reds).toEqual([255, 255, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 255, 255]);
  });

  test('half the size is the mean of four', () => {
    const rgba = new Uint8Array([10, 0, 255, 255, 20, 0, 255, 255, 31, 3, 255, 255, 43, 3, 0, 255]);
    expect([...halved({ width: 2, height: 2, rgba }).rgba]).toEqual([26, 2, 191, 255]);
  });
});

describe('PNG of few colours', () => {
  test('a decoder finds the pixels again', async () => {
    const bitmap = whiteBitmap(40, 10);
    for (let i = 0; i < 100; i++) bitmap.rgba.set([i % 2 ? 200 : 16, 80, 8 * (i % 16)], 4 * i);
    const read = await decoded(palettePng(bitmap));
    expect(read.width).toBe(40);
    expect([...read.rgba]).toEqual([...bitmap.rgba]);
  });

  test('more than 256 colours become near ones', async () => {
    const bitmap = whiteBitmap(64, 64);
    for (let i = 0; i < 4096; i++) bitmap.rgba.set([(i % 64) * 4, (i >> 6) * 4, 128], 4 * i);
    const { rgba } = await decoded(palettePng(bitmap));
    const worst = Math.max(...rgba.map((byte, i) => Math.abs(byte - (bitmap.rgba[i] ?? 0))));
    expect(worst).toBeLessThanOrEqual(36);
  });
});

const source = { ...sampleRun(), manifest: undefined };
const figures = figuresOfRun(source);
const provenance = { scenario: 'by-hand', run: 'r1', isSimulated: true };

function figure(id: string): Figure {
  const found = figures.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no figure ${id}`);
  return found;
}

test('the same figure gives the same bytes', () => {
  const [first, second] = [1, 2].map(() => figurePicture(figure('ecdf'), provenance));
  expect(first?.file.equals(second?.file as Buffer)).toBe(true);
  expect(first?.inline.equals(second?.inline as Buffer)).toBe(true);
});

test('a simulated picture looks different from a real one', () => {
  const simulated = figurePicture(figure('ecdf'), provenance).file;
  const real = figurePicture(figure('ecdf'), { ...provenance, isSimulated: false }).file;
  expect(simulated.equals(real)).toBe(false);
});

/** Looked at by eye, then kept. UPDATE_GOLDEN=1 replaces them: look at them again. */
describe('golden pictures', () => {
  test.each(['clone-pvc-vs-snapshot', 'ecdf', 'stages'])('%s', async (id) => {
    const { inline } = figurePicture(figure(id), provenance);
    const path = new URL(`${id}.png`, GOLDEN);
    if (env['UPDATE_GOLDEN'] !== undefined) {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(path, inline);
    }
    const share = shareThatDiffers(await decoded(inline), await decoded(readFileSync(path)));
    const seen = join(tmpdir(), `${id}.changed.png`);
    if (share > 0.005) writeFileSync(seen, inline);
    expect(share, `looks different now: ${seen}`).toBeLessThanOrEqual(0.005);
  });
});

/** Share of pixels of which a colour is off by more than a tenth. */
function shareThatDiffers(a: Bitmap, b: Bitmap): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let different = 0;
  for (let at = 0; at < a.rgba.length; at += 4) {
    const isOff = [0, 1, 2].some(
      (c) => Math.abs((a.rgba[at + c] ?? 0) - (b.rgba[at + c] ?? 0)) > 25,
    );
    if (isOff) different += 1;
  }
  return different / (a.width * a.height);
}
