/** A bar for each row with its interval and its figure: runs or clusters beside each other. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { round } from '../chart/parts.ts';
import { estimateNumber } from '../wording/numbers.ts';

export interface ValueRow {
  readonly label: string;
  /** Seconds; what has no value has no bar, and its figure says why. */
  readonly estimate: Estimate | undefined;
}

const ROW_PIXELS = 26;

/** Of a panel with so many rows. */
export function rowsHeight(count: number): number {
  return 90 + ROW_PIXELS * count;
}

/** `line`: where a line goes through all rows, seconds. */
export function valueRows(rows: readonly ValueRow[], series: string, line?: Estimate): ChartSpec {
  const bars = rows.map(({ estimate }) => (estimate && 'value' in estimate ? estimate.value : 0));
  return {
    base: 'bar',
    isHorizontal: true,
    hasLegend: false,
    labels: rows.map(({ label }) => label),
    x: {
      scale: 'linear',
      format: 'seconds',
      min: 0,
      // Figures stand at the ends of bars.
      suggestedMax: round(Math.max(...bars) * 1.12),
      title: 'seconds',
    },
    y: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    rules: line && 'value' in line ? [{ axis: 'x', from: line.value, colour: '@text' }] : [],
    datasets: [
      {
        series,
        data: bars.map(round),
        colour: '@blue',
        whiskers: rows.map(({ estimate }) => whisker(estimate)),
        valueLabels: rows.map(({ estimate }) => estimateNumber(estimate)),
        barShare: 0.6,
      },
    ],
  };
}

function whisker(estimate: Estimate | undefined): readonly [number, number] | null {
  if (estimate === undefined || !('value' in estimate)) return null;
  const { lo, hi } = estimate;
  return lo === undefined || hi === undefined ? null : [lo, hi];
}
