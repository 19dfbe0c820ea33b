/** How much faster clones from a snapshot are than clones from the PVC: the headline of a run. */

import { mean } from 'simple-statistics';
import type { ComparisonRecord } from '../../analyse/comparisons.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { ChartSpec, TextMark } from '../chart/chart-spec.ts';
import { markedLine } from '../chart/parts.ts';
import { type Figure, oneRow } from './figure.ts';
import { reachedSeconds, type Series } from './series.ts';
import { orderText } from '../wording/labels.ts';
import { countText, estimateText, intervalNumber } from '../wording/numbers.ts';
import { ratioText, timesText, withInterval } from '../wording/numbers.ts';
import { getBarLength, getWhisker } from './chart-values.ts';

export interface SpeedUp {
  /** What was cloned. */
  readonly label: string;
  readonly baseline: Series;
  readonly head: Series;
  /** Baseline / head: more than 1 where the head is faster. */
  readonly ratioOfMeans: Estimate | undefined;
  readonly ratioOfMedians: Estimate | undefined;
  /** The ratio depends on it. */
  readonly order: ComparisonRecord['order'];
  /** Before that, until creations were acknowledged; undefined where it is next to nothing. */
  readonly waits: { readonly baseline: Estimate; readonly head: Estimate } | undefined;
}

/** Undefined where nothing was cloned in two ways. */
export function cloneSpeedUp(speedUps: readonly SpeedUp[]): Figure | undefined {
  const [first] = speedUps;
  if (first === undefined) return undefined;
  return {
    id: `clone-${first.baseline.key}-vs-${first.head.key}`,
    title: 'Snapshot clones against PVC clones',
    question: 'How much faster is cloning from a snapshot?',
    answer: speedUps.map((speedUp) => answer(speedUp, speedUps.length > 1)).join(' '),
    unit: 'seconds',
    rows: oneRow(
      { title: 'Mean time to clone a disk', share: 5, chart: meanBars(speedUps) },
      { title: `Mean of each wave: ${first.label}`, share: 4, chart: waveMeans(first) },
    ),
    table: {
      caption: 'Clone times by source',
      headers: ['image', 'source', 'clones', 'mean', 'p50', 'p95', 'p99', 'speed-up of the mean'],
      rows: speedUps.flatMap(tableRows),
    },
    notes: [
      'A clone runs from the first sight of its DataVolume to phase Succeeded, on one clock.',
      ...speedUps.flatMap(waitNote),
      'The speed-up is the ratio of means; its interval resamples whole waves.',
    ],
  };
}

/** What is before the first sight is in no bar. */
function waitNote({ label, baseline, head, waits }: SpeedUp): readonly string[] {
  if (waits === undefined) return [];
  const [before, after] = [estimateText(waits.baseline), estimateText(waits.head)];
  return [
    `${label}: before that, creations were acknowledged after ${after} on average ` +
      `(${head.label}) and ${before} (${baseline.label}).`,
  ];
}

function answer(
  { label, baseline, head, ratioOfMeans, order }: SpeedUp,
  isOneOfMany: boolean,
): string {
  const what = isOneOfMany ? `${label}: ` : '';
  const faster = `Cloning from ${head.label} takes ${estimateText(head.mean)} on average`;
  const slower = `from ${baseline.label} ${estimateText(baseline.mean)}`;
  return `${what}${faster}, ${slower}: ${ratioText(ratioOfMeans)} as fast, ${orderText(order)}.`;
}

function meanBars(speedUps: readonly SpeedUp[]): ChartSpec {
  const bars = speedUps.flatMap((speedUp) =>
    [speedUp.baseline, speedUp.head].map((series) => ({ speedUp, series })),
  );
  const tops = bars.map(({ series }) => getWhisker(series.mean)?.[1] ?? getBarLength(series.mean));
  const isOne = speedUps.length === 1;
  return {
    base: 'bar',
    isHorizontal: true,
    hasLegend: false,
    labels: bars.map(({ speedUp, series }) =>
      isOne ? `from ${series.label}` : [speedUp.label, `from ${series.label}`],
    ),
    x: {
      scale: 'linear',
      format: 'seconds',
      title: 'mean clone time (seconds)',
      suggestedMax: Math.max(...tops) * 1.22,
    },
    y: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    datasets: [
      {
        series: 'mean clone time',
        data: bars.map(({ series }) => getBarLength(series.mean)),
        colour: bars.map(({ series }) => `@${series.identity.colour}` as const),
        whiskers: bars.map(({ series }) => getWhisker(series.mean)),
        valueLabels: bars.map(({ series }) => estimateText(series.mean)),
        corner: 5,
        barShare: 0.72,
      },
    ],
    texts: speedUps.flatMap((speedUp, i) => callout(speedUp, 2 * i + 1, isOne ? 30 : 20)),
  };
}

/** The ratio in large type beside the bar of the head, its interval below. */
function callout({ ratioOfMeans, head }: SpeedUp, y: number, size: number): readonly TextMark[] {
  if (ratioOfMeans === undefined || !('value' in ratioOfMeans)) return [];
  const { value, lo, hi } = ratioOfMeans;
  const shared = { x: 'right', y, align: 'right', dx: -10 } as const;
  const colour = `@${head.identity.colour}` as const;
  const ratio = {
    ...shared,
    text: `${timesText(value)} as fast`,
    colour,
    size,
    isBold: true,
  };
  if (lo === undefined || hi === undefined) return [ratio];
  const interval = `95 % interval ${intervalNumber(ratioOfMeans)}`;
  return [
    { ...ratio, dy: -8 },
    { ...shared, text: interval, dy: size * 0.75 - 4, size: 13, colour: '@muted' },
  ];
}

function waveMeans({ baseline, head }: SpeedUp): ChartSpec {
  return {
    base: 'line',
    x: { scale: 'linear', format: 'count', title: 'clones asked for so far', hasGrid: false },
    y: { scale: 'linear', format: 'seconds', title: 'mean of the wave (seconds)' },
    datasets: [baseline, head].map((series) => {
      const points = series.waves.flatMap(({ cumulative, points }) => {
        const values = reachedSeconds(points);
        return values.length === 0 ? [] : [[cumulative, mean(values as number[])] as const];
      });
      return markedLine(`from ${series.label}`, series.identity, points);
    }),
  };
}

function tableRows({ label, baseline, head, ratioOfMeans }: SpeedUp) {
  return [baseline, head].map((series) => [
    label,
    series.label,
    countText(series.n),
    withInterval(series.mean),
    withInterval(series.p50),
    withInterval(series.p95),
    withInterval(series.p99),
    series === head ? ratioText(ratioOfMeans) : '1x',
  ]);
}
