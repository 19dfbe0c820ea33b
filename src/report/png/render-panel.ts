/**
 * One chart as pixels. A renderer loads its own copy of chart.js and never gives it back, so there
 * is one for each size, and figures use few sizes.
 */

import type { Chart } from 'chart.js';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
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

type Configuration = Parameters<ChartJSNodeCanvas['renderToBufferSync']>[0];

const renderers = new Map<string, ChartJSNodeCanvas>();

/** The chart as raw pixels, to be put into a larger picture. */
export function renderPixels(spec: ChartSpec, size: Size): Bitmap {
  const rgba = getRenderer(size).renderToBufferSync(buildConfiguration(spec), 'raw' as 'image/png');
  return { rgba, width: size.width * PIXEL_RATIO, height: size.height * PIXEL_RATIO };
}

function buildConfiguration(spec: ChartSpec): Configuration {
  const configuration = configure(drawable(spec), LIGHT, 'picture') as unknown as Configuration;
  return { ...configuration, plugins: [...(configuration.plugins ?? []), releaseCanvas()] };
}

/**
 * Shrinks the canvas once the chart is done with it: its pixels live outside the heap, where the
 * garbage collector does not see how much they weigh.
 */
function releaseCanvas(): NonNullable<Configuration['plugins']>[number] {
  let held: { width: number; height: number } | null = null;
  return {
    id: 'release',
    beforeDestroy: (chart) => {
      held = chart.canvas;
    },
    afterDestroy: () => {
      if (held !== null) held.width = held.height = 1;
    },
  };
}

function getRenderer({ width, height }: Size): ChartJSNodeCanvas {
  const key = `${width}x${height}`;
  const known = renderers.get(key);
  if (known !== undefined) return known;
  prepareFonts();
  const renderer = new ChartJSNodeCanvas({
    width,
    height,
    backgroundColour: LIGHT.ground,
    chartCallback: (library) => setDefaults(library as unknown as typeof Chart),
  });
  renderers.set(key, renderer);
  return renderer;
}

function setDefaults({ defaults }: typeof Chart): void {
  defaults.font.family = FONT;
  defaults.font.size = 12.5;
  defaults.devicePixelRatio = PIXEL_RATIO;
}
