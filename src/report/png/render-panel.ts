/**
 * One chart as pixels. What a reader would get wrong: chart.js finds no page here and draws on
 * whatever has a 2D context, once and without animation.
 */

import { type Canvas, createCanvas } from '@napi-rs/canvas';
import { Chart } from 'chart.js/auto';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { drawable } from '../chart/drawable.ts';
import { configure } from '../chart/runtime.ts';
import { LIGHT } from '../chart/theme.ts';
import type { Bitmap } from './bitmap.ts';
import { FONT, prepareFonts } from './fonts.ts';

export interface Size {
  /** CSS pixels; the picture has `PIXEL_RATIO` times as many. */
  readonly width: number;
  readonly height: number;
}

export const PIXEL_RATIO = 2;

type Configuration = ConstructorParameters<typeof Chart>[1];

/** The chart as raw pixels, to be put into a larger picture. */
export function renderPixels(spec: ChartSpec, { width, height }: Size): Bitmap {
  prepareFonts();
  Chart.defaults.font.family = FONT;
  Chart.defaults.font.size = 12.5;
  const canvas = createCanvas(width, height);
  const chart = new Chart(canvas as never, makeConfiguration(spec));
  const bitmap = readPixels(canvas);
  chart.destroy();
  // Pixels live outside the heap, where the garbage collector does not see how much they weigh.
  canvas.width = canvas.height = 1;
  return bitmap;
}

function makeConfiguration(spec: ChartSpec): Configuration {
  const made = configure(drawable(spec), LIGHT, 'picture') as unknown as Configuration;
  const options = { ...made.options, devicePixelRatio: PIXEL_RATIO, responsive: false };
  return { ...made, options, plugins: [...(made.plugins ?? []), GROUND] };
}

/** Behind everything: a picture on a slide has no page behind it. */
const GROUND: NonNullable<Configuration['plugins']>[number] = {
  id: 'ground',
  beforeDraw({ ctx, width, height }) {
    ctx.save();
    ctx.globalCompositeOperation = 'destination-over';
    ctx.fillStyle = LIGHT.ground;
    ctx.fillRect(0, 0, width, height);
    ctx.restore();
  },
};

function readPixels(canvas: Canvas): Bitmap {
  const { width, height } = canvas;
  return { width, height, rgba: new Uint8Array(canvas.data()) };
}
