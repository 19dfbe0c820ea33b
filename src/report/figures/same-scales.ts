/**
 * Gives the same figure of several runs the same scales, so that what stands side by side can be
 * compared by eye. Stacked axes are left alone: their height is no value of the data.
 */

import type { AxisSpec, ChartSpec, DatasetSpec } from '../chart/chart-spec.ts';
import type { Figure } from './figure.ts';

/** Figures of each run, with scales in common where they have a figure and a panel in common. */
export function withSameScales(
  runs: readonly (readonly Figure[])[],
): readonly (readonly Figure[])[] {
  const kin = new Map<string, ChartSpec[]>();
  for (const figure of runs.flat()) {
    for (const { key, chart } of keyed(figure)) kin.set(key, [...(kin.get(key) ?? []), chart]);
  }
  return runs.map((figures) => figures.map((figure) => aligned(figure, kin)));
}

function keyed(figure: Figure) {
  return figure.rows.flatMap(({ panels }, r) =>
    panels.map(({ chart }, p) => ({ key: `${figure.id}/${r}/${p}`, chart })),
  );
}

function aligned(figure: Figure, kin: ReadonlyMap<string, readonly ChartSpec[]>): Figure {
  const rows = figure.rows.map((row, r) => ({
    ...row,
    panels: row.panels.map((panel, p) => {
      const charts = kin.get(`${figure.id}/${r}/${p}`) ?? [];
      return charts.length < 2 ? panel : { ...panel, chart: alignedChart(panel.chart, charts) };
    }),
  }));
  return { ...figure, rows };
}

function alignedChart(chart: ChartSpec, kin: readonly ChartSpec[]): ChartSpec {
  const axis = (name: 'x' | 'y') => {
    const axes = kin.map((one) => one[name]);
    const isSame = axes.every(
      (one) => one.scale === chart[name].scale && hasSameUnit(one, chart[name]),
    );
    return isSame
      ? commonAxis(
          chart[name],
          axes,
          kin.map((one) => largestOn(one, name)),
        )
      : chart[name];
  };
  return { ...chart, x: axis('x'), y: axis('y') };
}

function hasSameUnit(a: AxisSpec, b: AxisSpec): boolean {
  return a.format === b.format && a.title === b.title;
}

function commonAxis(
  axis: AxisSpec,
  axes: readonly AxisSpec[],
  largest: readonly number[],
): AxisSpec {
  if (axis.scale === 'category' || axis.isStacked) return axis;
  const [mins, maxs] = [axes.flatMap(({ min }) => min ?? []), axes.flatMap(({ max }) => max ?? [])];
  if (axis.scale === 'log' || axis.max !== undefined) {
    const widest = axes.reduce((a, b) => (getExtent(b) > getExtent(a) ? b : a));
    return { ...widest, min: Math.min(...mins), max: Math.max(...maxs) };
  }
  const asked = axes.flatMap(({ suggestedMax }) => suggestedMax ?? []);
  const most = Math.max(...largest, ...asked);
  return Number.isFinite(most) ? { ...axis, suggestedMax: most } : axis;
}

function getExtent({ min = 0, max = 0 }: AxisSpec): number {
  return max - min;
}

function largestOn(chart: ChartSpec, name: 'x' | 'y'): number {
  const isValueAxis = name === (chart.isHorizontal ? 'x' : 'y');
  let most = Number.NEGATIVE_INFINITY;
  for (const dataset of chart.datasets) {
    if (name === 'y' && dataset.isOnRight) continue;
    for (const point of dataset.data) {
      for (const value of listCoordinates(dataset, point, name, chart))
        most = Math.max(most, value);
    }
    if (!isValueAxis) continue;
    for (const whisker of dataset.whiskers ?? []) most = Math.max(most, whisker?.[1] ?? most);
  }
  return most;
}

function listCoordinates(
  { type }: DatasetSpec,
  point: DatasetSpec['data'][number],
  name: 'x' | 'y',
  { base, isHorizontal }: ChartSpec,
): readonly number[] {
  if (point === null) return [];
  const isValueAxis = name === (isHorizontal ? 'x' : 'y');
  if (typeof point === 'number') return isValueAxis ? [point] : [];
  if ('x' in point) {
    if (name === 'x') return [point.x];
    return typeof point.y === 'number' ? [point.y] : point.y;
  }
  if ((type ?? base) === 'bar') return isValueAxis ? (point as readonly number[]) : [];
  const value = point[name === 'x' ? 0 : 1];
  return typeof value === 'number' ? [value] : [];
}
