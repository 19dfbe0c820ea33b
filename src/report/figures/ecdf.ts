/**
 * How many were done by when: 1 - S of the Kaplan-Meier curve, on a logarithmic time axis. The
 * curve ends below 100 % where some were missed, and says how many.
 */

import { kaplanMeier, type SurvivalCurve } from '../../analyse/statistics/kaplan-meier.ts';
import type { ChartSpec, DatasetSpec } from '../chart/chart-spec.ts';
import { logAxis } from '../chart/log-axis.ts';
import { crosses, steps, thin, type XY } from '../chart/parts.ts';
import type { Figure } from './figure.ts';
import { panelGrid } from './panel-grid.ts';
import { headlinePoints, missedText, type Series } from './series.ts';
import { countText, estimateText, listText } from '../wording/numbers.ts';

/** Series that are worth comparing, in one panel. */
export interface SeriesGroup {
  readonly title: string;
  readonly series: readonly Series[];
}

const CURVE_POINTS = 300;

export function ecdf(groups: readonly SeriesGroup[]): Figure | undefined {
  if (groups.length === 0) return undefined;
  const all = groups.flatMap(({ series }) => series);
  return {
    id: 'ecdf',
    title: 'How many were done by when',
    question: 'What share is done after so many seconds?',
    answer: `Half and 95 % of all requested: ${listText(all.map(halfText))}.`,
    unit: 'seconds',
    rows: panelGrid(
      groups.map((group) => ({ title: group.title, chart: ecdfChart(group.series) })),
    ),
    table: {
      caption: 'Share done, of all that were requested',
      headers: ['series', 'requested', 'p50', 'p90', 'p95', 'p99', 'missed'],
      rows: all.map((series) => [
        series.name,
        countText(series.n),
        estimateText(series.p50),
        estimateText(series.p90),
        estimateText(series.p95),
        estimateText(series.p99),
        missedText(headlinePoints(series)) ?? '0',
      ]),
    },
    notes: [
      'Of all that were requested, failures and time-outs among them; the curve is that of ' +
        'Kaplan and Meier. The time axis is logarithmic.',
    ],
  };
}

function halfText(series: Series): string {
  const { name, p50, p95 } = series;
  return `${name} ${estimateText(p50)} and ${estimateText(p95)}`;
}

function ecdfChart(series: readonly Series[]): ChartSpec {
  const curves = series.map((one) => {
    const points = headlinePoints(one);
    return { one, points, curve: kaplanMeier(points.map(({ outcome }) => outcome)) };
  });
  return {
    base: 'line',
    x: logAxis(...timeRange(curves.map(({ curve }) => curve))),
    y: {
      scale: 'linear',
      format: 'percent',
      min: 0,
      max: 1,
      title: 'share done',
      at: [0, 0.2, 0.4, 0.6, 0.8, 1],
    },
    datasets: curves.flatMap(({ one, points, curve }) => {
      const missed = missedText(points);
      const name = formatName(one, series) + (missed === undefined ? '' : ` (${missed})`);
      return [steps(name, one.identity, stairs(curve)), ...endCross(name, missed, curve)];
    }),
  };
}

function formatName({ label, name }: Series, among: readonly Series[]): string {
  return among.filter((one) => one.label === label).length > 1 ? name : label;
}

/** Points of the staircase: up to `CURVE_POINTS`, the ends of the tail among them. */
function stairs({ times, survival }: SurvivalCurve): readonly XY[] {
  const points = times.map((time, i) => [Math.max(time, 1e-3), 1 - (survival[i] ?? 0)] as const);
  const reached = points.filter(([, share], i) => share > (points[i - 1]?.[1] ?? 0));
  const first = reached[0];
  if (first === undefined) return [];
  const last = points.at(-1) as XY;
  return [[first[0], 0], ...thin(reached, CURVE_POINTS), last];
}

/** Where the curve ends below 1, since some were missed. */
function endCross(
  name: string,
  missed: string | undefined,
  { times, survival }: SurvivalCurve,
): readonly DatasetSpec[] {
  const last = times.at(-1);
  if (missed === undefined || last === undefined) return [];
  return [{ ...crosses(name, [[last, 1 - (survival.at(-1) ?? 0)]]), isInLegend: false }];
}

function timeRange(curves: readonly SurvivalCurve[]): readonly [lo: number, hi: number] {
  const firsts = curves.flatMap(({ times }) => times[0] ?? []);
  const lasts = curves.flatMap(({ times }) => times.at(-1) ?? []);
  return [0.95 * Math.max(1e-3, Math.min(...firsts)), 1.04 * Math.max(1, ...lasts)];
}
