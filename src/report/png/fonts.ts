/**
 * The one typeface of pictures, shipped with the project. Without a registered font the canvas
 * draws no text at all and raises nothing, so a picture could leave the house without its numbers:
 * here that is an error.
 */

import { createCanvas, GlobalFonts } from '@napi-rs/canvas';
import { invariant } from '../../core/assert.ts';
import { assetPath } from '../assets/assets.ts';

export const FONT = 'DejaVu Sans';

const FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

let isReady = false;

/** Registers the typeface and sees that it draws; to be called before anything is drawn. */
export function prepareFonts(): void {
  if (isReady) return;
  for (const file of FILES) {
    const path = assetPath(`png/fonts/${file}`);
    invariant(GlobalFonts.registerFromPath(path, FONT), `cannot register the font ${path}`);
  }
  assertDrawsText(FONT);
  isReady = true;
}

/** Throws where letters of this family leave no pixels, in either weight. */
export function assertDrawsText(font: string): void {
  invariant(GlobalFonts.has(font), `the font ${font} is not registered`);
  for (const weight of ['', 'bold ']) {
    const pen = createCanvas(40, 24).getContext('2d');
    pen.font = `${weight}16px '${font}'`;
    pen.fillText('µ≤8', 2, 18);
    const isDrawn = pen.getImageData(0, 0, 40, 24).data.some((byte) => byte !== 0);
    invariant(isDrawn, `text in ${font} leaves no mark: pictures would lack their numbers`);
  }
}
