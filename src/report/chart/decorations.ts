/**
 * What chart.js does not draw by itself: strips and lines across, error bars, numbers at bars,
 * words, the key of a heat map. These functions run here and, as text, on the page, so each may use
 * its arguments and its neighbours in this file, nothing else.
 */

import type { ChartSpec, DatasetSpec, TextMark } from './chart-spec.ts';
import type { Theme } from './theme.ts';

type ColourOf = (colour: string, theme: Theme) => string;

/** What the drawing functions share. */
interface Drawing {
  readonly chart: DrawnChart;
  readonly spec: ChartSpec;
  readonly theme: Theme;
  readonly cssColour: ColourOf;
}

/** The little of a running chart that the drawing functions use. */
interface DrawnChart {
  readonly ctx: Pen;
  readonly chartArea: { left: number; right: number; top: number; bottom: number };
  readonly scales: Readonly<Record<string, { getPixelForValue(value: number): number }>>;
  readonly width: number;
  readonly data: { readonly datasets: readonly object[] };
  getDatasetMeta(index: number): {
    readonly hidden: boolean | null;
    readonly visible?: boolean;
    readonly data: readonly { readonly x: number; readonly y: number }[];
  };
  isDatasetVisible(index: number): boolean;
}

interface Pen {
  font: string;
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  textAlign: string;
  textBaseline: string;
  save(): void;
  restore(): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  setLineDash(dash: readonly number[]): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
}

/** Strips and lines under the data; error bars, value labels and words over it. */
export function decorations(
  spec: ChartSpec,
  theme: Theme,
  cssColour: ColourOf,
): Readonly<Record<string, unknown>> {
  const drawing = (chart: DrawnChart): Drawing => ({ chart, spec, theme, cssColour });
  return {
    id: 'bench',
    beforeDatasetsDraw: (chart: DrawnChart) => drawRules(drawing(chart)),
    afterDatasetsDraw: (chart: DrawnChart) => {
      spec.datasets.forEach((dataset, index) => {
        if (!chart.isDatasetVisible(index)) return;
        drawWhiskers(drawing(chart), dataset, index);
        drawValueLabels(drawing(chart), dataset, index);
      });
      for (const text of spec.texts ?? []) drawText(drawing(chart), text);
      drawColourKey(drawing(chart));
    },
  };
}

function drawRules({ chart, spec, theme, cssColour }: Drawing): void {
  const { ctx, chartArea: area, scales } = chart;
  ctx.save();
  for (const rule of spec.rules ?? []) {
    const scale = scales[rule.axis];
    if (!scale) continue;
    const from = scale.getPixelForValue(rule.from);
    const to = scale.getPixelForValue(rule.to ?? rule.from);
    const [lo, hi] = [Math.min(from, to), Math.max(from, to)];
    const isUpright = rule.axis === 'x';
    const [near, far] = isUpright ? [area.left, area.right] : [area.top, area.bottom];
    if (hi < near - 1 || lo > far + 1) continue;
    ctx.fillStyle = ctx.strokeStyle = cssColour(rule.colour, theme);
    const start = Math.max(lo, near);
    const length = Math.min(hi, far) - start;
    if (rule.to !== undefined) {
      if (isUpright) ctx.fillRect(start, area.top, length, area.bottom - area.top);
      else ctx.fillRect(area.left, start, area.right - area.left, length);
    } else {
      ctx.lineWidth = 1.5;
      ctx.setLineDash(rule.dash ?? []);
      ctx.beginPath();
      ctx.moveTo(isUpright ? from : area.left, isUpright ? area.top : from);
      ctx.lineTo(isUpright ? from : area.right, isUpright ? area.bottom : from);
      ctx.stroke();
    }
  }
  ctx.restore();
}

function drawWhiskers(
  { chart, spec, theme, cssColour }: Drawing,
  dataset: DatasetSpec,
  index: number,
): void {
  const { ctx, scales } = chart;
  const scale = scales[spec.isHorizontal ? 'x' : dataset.isOnRight ? 'y2' : 'y'];
  if (!dataset.whiskers || !scale) return;
  ctx.save();
  ctx.strokeStyle = cssColour(dataset.whiskerColour ?? '@text', theme);
  ctx.lineWidth = 1.75;
  ctx.setLineDash([]);
  chart.getDatasetMeta(index).data.forEach((element, i) => {
    const ends = dataset.whiskers?.[i];
    if (!ends) return;
    const [a, b] = [scale.getPixelForValue(ends[0]), scale.getPixelForValue(ends[1])];
    const cap = dataset.whiskerColour ? 0 : 5;
    const at = (along: number, across: number) =>
      spec.isHorizontal
        ? ([along, element.y + across] as const)
        : ([element.x + across, along] as const);
    ctx.beginPath();
    ctx.moveTo(...at(a, 0));
    ctx.lineTo(...at(b, 0));
    for (const end of [a, b]) {
      ctx.moveTo(...at(end, -cap));
      ctx.lineTo(...at(end, cap));
    }
    ctx.stroke();
  });
  ctx.restore();
}

function drawValueLabels(
  { chart, spec, theme }: Drawing,
  dataset: DatasetSpec,
  index: number,
): void {
  if (!dataset.valueLabels) return;
  const { ctx, scales } = chart;
  const scale = scales[spec.isHorizontal ? 'x' : 'y'];
  ctx.save();
  ctx.font = "bold 14px 'DejaVu Sans', system-ui, sans-serif";
  ctx.fillStyle = theme.text;
  chart.getDatasetMeta(index).data.forEach((element, i) => {
    const end = dataset.whiskers?.[i]?.[1];
    const past = end === undefined ? undefined : scale?.getPixelForValue(end);
    const text = dataset.valueLabels?.[i] ?? '';
    ctx.textAlign = spec.isHorizontal ? 'left' : 'center';
    ctx.textBaseline = spec.isHorizontal ? 'middle' : 'bottom';
    if (spec.isHorizontal) ctx.fillText(text, Math.max(element.x, past ?? 0) + 10, element.y);
    else ctx.fillText(text, element.x, Math.min(element.y, past ?? element.y) - 6);
  });
  ctx.restore();
}

function drawText({ chart, theme, cssColour }: Drawing, mark: TextMark): void {
  const { ctx, chartArea: area, scales } = chart;
  const xs = { left: area.left, right: area.right, center: (area.left + area.right) / 2 };
  const ys = { top: area.top, bottom: area.bottom, middle: (area.top + area.bottom) / 2 };
  const x = typeof mark.x === 'number' ? scales['x']?.getPixelForValue(mark.x) : xs[mark.x];
  const y = typeof mark.y === 'number' ? scales['y']?.getPixelForValue(mark.y) : ys[mark.y];
  const asked = mark.size ?? 12;
  const size =
    asked <= 12 ? asked : Math.max(11, asked * Math.min(1, (area.right - area.left) / 380));
  ctx.save();
  ctx.font = `${mark.isBold ? 'bold ' : ''}${size}px 'DejaVu Sans', system-ui, sans-serif`;
  ctx.fillStyle = cssColour(mark.colour ?? '@text', theme);
  ctx.textAlign = mark.align ?? 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(mark.text, (x ?? 0) + (mark.dx ?? 0), (y ?? 0) + (mark.dy ?? 0));
  ctx.restore();
}

/** A strip of the colours with their ends, above the chart on the right. */
function drawColourKey({ chart, spec, theme }: Drawing): void {
  const key = spec.colourKey;
  if (!key) return;
  const { ctx, chartArea: area } = chart;
  const [cell, height, y] = [14, 10, area.top - 18];
  ctx.save();
  ctx.font = "12px 'DejaVu Sans', system-ui, sans-serif";
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  ctx.fillStyle = theme.muted;
  ctx.fillText(key.to, area.right, y + height / 2);
  const end = area.right - ctx.measureText(key.to).width - 8;
  const start = end - cell * key.colours.length;
  ctx.fillText(`${key.title}   ${key.from}`, start - 8, y + height / 2);
  key.colours.forEach((colour, i) => {
    ctx.fillStyle = colour;
    ctx.fillRect(start + i * cell, y, cell, height);
  });
  ctx.restore();
}

/** For the page. */
export const DECORATION_PARTS = [
  decorations,
  drawRules,
  drawWhiskers,
  drawValueLabels,
  drawText,
  drawColourKey,
];
