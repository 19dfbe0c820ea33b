/**
 * The tornado: for each constant a bar from the figure at half of it to the figure at one and a
 * half, longest on top, with a line at the figure as it is.
 */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { Sensitivity, SensitivityBar } from '../../compare/study-sensitivity.ts';
import type { ChartSpec, DatasetSpec } from '../chart/chart-spec.ts';
import { round } from '../chart/parts.ts';
import { type Figure, oneRow } from '../figures/figure.ts';
import { estimateNumber, percentText } from '../wording/numbers.ts';
import { sensitiveFigure, sensitivityAnswer } from '../wording/study-words.ts';

/** Bars of a picture; all constants are in the table. */
const BARS_MAX = 15;

const ROW_PIXELS = 26;

/** `n`: from 1, of those of the study. */
export function tornadoFigure(sensitivity: Sensitivity, n: number): Figure {
  const { base, bars } = sensitivity;
  const drawn = bars.filter(({ swing }) => swing !== undefined).slice(0, BARS_MAX);
  const chart = { title: `${sensitiveFigure(sensitivity)}, seconds`, share: 1 };
  return {
    id: `study-sensitivity-${n}`,
    title: `What moves ${sensitiveFigure(sensitivity)}`,
    question: 'Which calibrated constant matters most?',
    answer: sensitivityAnswer(sensitivity),
    unit: 'seconds',
    rows:
      'value' in base && drawn.length > 0
        ? oneRow({ ...chart, chart: tornadoChart(base.value, drawn) }).map((row) => ({
            ...row,
            height: 110 + ROW_PIXELS * drawn.length,
          }))
        : [],
    table: {
      caption: `${sensitiveFigure(sensitivity)}, s; ${estimateNumber(base)} as it is`,
      headers: ['constant', 'half', 'p95, s', 'one and a half', 'p95, s', 'moves it by'],
      rows: bars.map(({ path, low, high, swing }) => [
        path,
        low.value,
        estimateNumber(low.p95),
        high.value,
        estimateNumber(high.p95),
        swing === undefined ? '-' : percentText(swing),
      ]),
    },
    notes: [
      'One constant at a time, with the same seeds; what they do together can be more or less.',
      ...(bars.length > drawn.length ? [`The first ${drawn.length} are drawn.`] : []),
    ],
  };
}

function tornadoChart(base: number, bars: readonly SensitivityBar[]): ChartSpec {
  const ends = bars.flatMap(({ low, high }) => [valueOf(low.p95), valueOf(high.p95)]);
  const [least, most] = [Math.min(base, ...ends), Math.max(base, ...ends)];
  const room = Math.max((most - least) * 0.15, base * 0.01);
  const side = (
    series: string,
    colour: DatasetSpec['colour'],
    end: 'low' | 'high',
  ): DatasetSpec => ({
    type: 'bar',
    series,
    data: bars.map((bar) => {
      const value = valueOf(bar[end].p95);
      return [round(Math.min(base, value)), round(Math.max(base, value))] as const;
    }),
    colour,
    isOverlaid: true,
    barShare: 0.6,
    pointNames: bars.map((bar) => `${bar[end].value}: ${estimateNumber(bar[end].p95)} s`),
  });
  return {
    base: 'bar',
    isHorizontal: true,
    hasLegend: true,
    labels: bars.map(({ path }) => path.replace(/^simulation\./, '')),
    x: {
      scale: 'linear',
      format: 'seconds',
      title: 'seconds',
      min: round(least - room),
      max: round(most + room),
    },
    y: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    rules: [{ axis: 'x', from: base, colour: '@text' }],
    datasets: [
      side('half of it', '@blue', 'low'),
      side('one and a half of it', '@vermillion', 'high'),
    ],
  };
}

function valueOf(estimate: Estimate | undefined): number {
  return estimate !== undefined && 'value' in estimate ? estimate.value : Number.NaN;
}
