/**
 * The small parts that charts are made of: bars, lines, steps, bands, dots, boxes, ticks, cells.
 * Each gives datasets of one series, so a chart is a list of parts. Lines carry dash and marker as
 * well as colour.
 */

import type { DatasetSpec, Point } from './chart-spec.ts';
import { SEQUENCE, type Colour, type ColourName, type Identity } from './theme.ts';

export type XY = readonly [x: number, y: number];

export function tint(colour: ColourName, percent: number): Colour {
  return `@${colour}/${percent}`;
}

/** A line through points that carries the series' name in the legend. */
export function line(series: string, identity: Identity, points: readonly XY[]): DatasetSpec {
  return {
    type: 'line',
    series,
    data: points.map(rounded),
    colour: `@${identity.colour}`,
    dash: identity.dash,
    marker: identity.marker,
  };
}

/** A line with a marker on each point: few points, each of which counts. */
export function markedLine(series: string, identity: Identity, points: readonly XY[]): DatasetSpec {
  return { ...line(series, identity, points), markerSize: 3.5, width: 2 };
}

/** A staircase that rises at its points. */
export function steps(series: string, identity: Identity, points: readonly XY[]): DatasetSpec {
  return { ...line(series, identity, points), stepped: 'before' };
}

/** The region between two curves, without a place in the legend. */
export function band(
  series: string,
  identity: Identity,
  rows: readonly { readonly x: number; readonly lo: number; readonly hi: number }[],
): readonly DatasetSpec[] {
  const edge = { type: 'line', series, isInLegend: false, width: 0, order: 5 } as const;
  const colour = tint(identity.colour, 18);
  return [
    { ...edge, colour, data: rows.map(({ x, lo }) => rounded([x, lo])) },
    { ...edge, colour, data: rows.map(({ x, hi }) => rounded([x, hi])), fill: '-1' },
  ];
}

export function dots(
  series: string,
  identity: Identity,
  points: readonly XY[],
  { size = 2, percent = 55 } = {},
): DatasetSpec {
  return {
    type: 'scatter',
    series,
    data: points.map(rounded),
    colour: tint(identity.colour, percent),
    marker: identity.marker,
    markerSize: size,
  };
}

/** Short strokes across, as for a median in a bar. */
export function ticks(
  series: string,
  colour: Colour,
  points: readonly XY[],
  halfWidth: number,
): DatasetSpec {
  return {
    type: 'scatter',
    series,
    data: points.map(rounded),
    colour,
    marker: 'line',
    markerSize: halfWidth,
    order: -2,
  };
}

/** Failures: crosses on a rail. */
export function crosses(series: string, points: readonly XY[]): DatasetSpec {
  return {
    type: 'scatter',
    series,
    data: points.map(rounded),
    colour: '@text',
    marker: 'crossRot',
    markerSize: 5,
    order: -3,
  };
}

/** Upright bars on a linear axis, from zero. */
export function columns(
  series: string,
  colour: Colour | readonly Colour[],
  points: readonly XY[],
): DatasetSpec {
  return {
    type: 'bar',
    series,
    data: points.map(([x, y]) => ({ x: round(x), y: round(y) })),
    colour,
    isOverlaid: true,
    barShare: 0.82,
    order: 2,
  };
}

/** Upright bars that hang between two values. */
export function floatingColumns(
  series: string,
  colour: Colour,
  rows: readonly { readonly x: number; readonly lo: number; readonly hi: number }[],
): DatasetSpec {
  return {
    type: 'bar',
    series,
    data: rows.map(({ x, lo, hi }) => ({ x: round(x), y: [round(lo), round(hi)] as const })),
    colour,
    isOverlaid: true,
    barShare: 0.6,
    order: 2,
  };
}

export interface Grid {
  /** Centres of the columns. */
  readonly x: readonly number[];
  /** Edges of the rows: one more than there are rows. */
  readonly y: readonly number[];
  /** `counts[row][column]`. */
  readonly counts: readonly (readonly number[])[];
}

/** A heat map: a row of bars for each row of cells; empty cells are not drawn. */
export function cells(series: string, { x, y, counts }: Grid): readonly DatasetSpec[] {
  const most = Math.max(1, ...counts.flat());
  return counts.flatMap((row, r) => {
    const filled = row.flatMap((count, c) => (count > 0 ? [{ count, c }] : []));
    if (filled.length === 0) return [];
    const [lo, hi] = [round(y[r] as number), round(y[r + 1] as number)];
    return {
      type: 'bar' as const,
      series,
      isInLegend: false,
      data: filled.map(({ c }) => ({ x: round(x[c] as number), y: [lo, hi] as const })),
      colour: filled.map(({ count }) => shade(count, most)),
      pointNames: filled.map(({ count }) => `${count} ${series}`),
      isOverlaid: true,
      barShare: 1,
    };
  });
}

/** The colour of a count, on a logarithmic scale up to `most`. */
function shade(count: number, most: number): `#${string}` {
  const share = most <= 1 ? 1 : Math.log(count) / Math.log(most);
  const step = Math.round(share * (SEQUENCE.length - 1));
  return SEQUENCE[step] as `#${string}`;
}

/** At most `most` points, spread evenly, first and last among them. */
export function thin<T>(points: readonly T[], most: number): readonly T[] {
  if (points.length <= most) return points;
  const stride = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => points[Math.round(i * stride)] as T);
}

/** Five significant figures: less than a pixel, and a small page. */
export function round(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(5)) : value;
}

function rounded([x, y]: XY): Point {
  return [round(x), Number.isFinite(y) ? round(y) : null];
}
