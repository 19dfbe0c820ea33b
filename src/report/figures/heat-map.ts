/**
 * Latency as the cluster fills, counted in cells: shows two peaks and ramps that a line hides.
 * Cells are logarithmic in latency; colour is the logarithm of the count.
 */

import type { ChartSpec } from '../chart/chart-spec.ts';
import { logAxis } from '../chart/log-axis.ts';
import { cells, type Grid } from '../chart/parts.ts';
import { SEQUENCE } from '../chart/theme.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { mergedWaves, type Series, type SpanPoint } from './series.ts';
import { waveAxis } from './wave-axis.ts';
import { countText, secondsText } from '../wording/numbers.ts';

const COLUMNS_MOST = 80;
const ROWS = 26;

export function heatMap(all: readonly Series[]): Figure | undefined {
  const drawn = all.flatMap((series) => {
    const layout = computeLayout(series);
    return layout === undefined ? [] : [{ series, layout }];
  });
  if (drawn.length === 0) return undefined;
  return {
    id: 'latency-heat-map',
    title: 'Latency over the run',
    question: 'When was it slow, and was all of it slow?',
    answer: drawn.map(({ series, layout }) => densest(series, layout)).join(' '),
    unit: 'seconds',
    rows: panelGrid(
      drawn.map(({ series, layout }) => ({
        title: series.name,
        chart: chart(layout),
      })),
    ),
    table: {
      caption: 'Values by latency',
      headers: ['series', 'from', 'to', 'values'],
      rows: drawn.flatMap(({ series, layout: { grid } }) =>
        grid.counts.map((row, r) => [
          series.name,
          secondsText(grid.y[r] as number),
          secondsText(grid.y[r + 1] as number),
          row.reduce((sum, count) => sum + count, 0),
        ]),
      ),
    },
    notes: [
      'Of the reached; a column is a wave, or several. Both latency and colour are logarithmic.',
    ],
  };
}

interface Layout {
  readonly grid: Grid;
  readonly noun: string;
}

/** Columns are waves, or several where there are many; undefined where none is done. */
function computeLayout({ waves, noun }: Series): Layout | undefined {
  const latencies = waves.flatMap(({ points }) => points.filter(isReached).map(getLatency));
  if (latencies.length === 0) return undefined;
  const y = latencyEdges(latencies);
  const columns = mergedWaves(waves, COLUMNS_MOST);
  const counts = y.slice(1).map(() => columns.map(() => 0));
  columns.forEach(({ points }, c) => {
    for (const point of points.filter(isReached)) {
      const row = counts[findRow(y, getLatency(point))];
      if (row !== undefined) row[c] = (row[c] ?? 0) + 1;
    }
  });
  return { noun, grid: { x: columns.map(({ cumulative }) => cumulative), y, counts } };
}

function isReached({ outcome }: SpanPoint): boolean {
  return outcome.state === 'reached';
}

function getLatency({ outcome }: SpanPoint): number {
  return outcome.state === 'reached' ? Math.max(outcome.hi, 1e-3) : Number.POSITIVE_INFINITY;
}

function latencyEdges(latencies: readonly number[]): readonly number[] {
  let [lo, hi] = [Number.POSITIVE_INFINITY, 0];
  for (const latency of latencies) {
    lo = Math.min(lo, latency);
    hi = Math.max(hi, latency);
  }
  const step = Math.max(Math.log(hi / lo), 0.1) / ROWS;
  return Array.from({ length: ROWS + 1 }, (_, i) => lo * Math.exp(i * step));
}

function findRow(edges: readonly number[], latency: number): number {
  const step = Math.log((edges[1] as number) / (edges[0] as number));
  const row = Math.floor(Math.log(latency / (edges[0] as number)) / step);
  return Math.min(Math.max(row, 0), ROWS - 1);
}

function densest({ name }: Series, { grid }: Layout): string {
  const sums = grid.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const most = sums.indexOf(Math.max(...sums));
  const [lo, hi] = [grid.y[most] as number, grid.y[most + 1] as number];
  const range = `${secondsText(lo)} to ${secondsText(hi)}`;
  return `${name}: most often ${range}, ${countText(sums[most] ?? 0)} values.`;
}

function chart({ noun, grid }: Layout): ChartSpec {
  const most = Math.max(...grid.counts.flat());
  const [lo, hi] = [grid.y[0] as number, grid.y.at(-1) as number];
  return {
    base: 'bar',
    hasLegend: false,
    x: waveAxis(grid.x, noun),
    y: logAxis(lo, hi, { hasGrid: false }),
    datasets: cells(noun, grid),
    colourKey: { title: 'in a cell', colours: SEQUENCE, from: '1', to: countText(most) },
  };
}
