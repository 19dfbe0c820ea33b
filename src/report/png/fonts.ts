/**
 * The one typeface of pictures, shipped with the project. Without a registered font the canvas draws
 * no text at all and raises nothing, so a picture could leave the house without its numbers: here
 * that is an error.
 */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { invariant } from '../../core/assert.ts';

export const FONT = 'DejaVu Sans';

const FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

/** From src/report/png and from dist/report/png alike. */
const FOLDER = new URL('../../../src/report/png/fonts/', import.meta.url);

type CanvasLibrary = typeof import('@napi-rs/canvas');

let library: CanvasLibrary | undefined;

/** The canvas, with the typeface registered and seen to draw. */
export function canvasWithFonts(): CanvasLibrary {
  if (library !== undefined) return library;
  const loaded = createRequire(import.meta.url)('@napi-rs/canvas') as CanvasLibrary;
  for (const file of FILES) {
    const path = fileURLToPath(new URL(file, FOLDER));
    invariant(loaded.GlobalFonts.registerFromPath(path, FONT), `cannot register the font ${path}`);
  }
  invariant(loaded.GlobalFonts.has(FONT), `the font ${FONT} is not registered`);
  invariant(drawsText(loaded), `text in ${FONT} leaves no mark: pictures would lack their numbers`);
  library = loaded;
  return loaded;
}

/** Whether letters leave pixels behind, in both weights. */
export function drawsText({ createCanvas }: CanvasLibrary, font = FONT): boolean {
  return ['', 'bold '].every((weight) => {
    const pen = createCanvas(40, 24).getContext('2d');
    pen.font = `${weight}16px '${font}'`;
    pen.fillText('µ≤8', 2, 18);
    return pen.getImageData(0, 0, 40, 24).data.some((byte) => byte !== 0);
  });
}
