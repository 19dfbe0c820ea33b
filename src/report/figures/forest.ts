/**
 * What differs between two runs, all metrics on one axis: each ratio with its interval, a line at
 * no difference and a grey strip where a difference would not matter. An interval across the line
 * is not "no change", only one inside the strip is.
 */

import type { PointEstimate } from '../../analyse/statistics/estimate.ts';
import { EQUIVALENCE_MARGIN, type Verdict } from '../../analyse/statistics/verdict.ts';
import type { ChartSpec } from '../chart/chart-spec.ts';
import { logAxis } from '../chart/log-axis.ts';
import { round } from '../chart/parts.ts';
import type { Colour } from '../chart/theme.ts';
import { type Figure, oneRow } from './figure.ts';
import { listText, ratioText } from '../wording/numbers.ts';

export interface ForestInput {
  readonly base: string;
  readonly head: string;
  readonly rows: readonly ForestRow[];
  /** Why the runs measure different things; empty where they are comparable. */
  readonly differences: readonly string[];
}

export interface ForestRow {
  readonly label: string;
  /** base / head: more than 1 where the head is faster. */
  readonly ratio: PointEstimate | undefined;
  readonly base: string;
  readonly head: string;
  /** Corrected for all rows. */
  readonly q: number;
  readonly verdict: Verdict;
}

const LOOKS: Readonly<Record<Verdict, { readonly sign: string; readonly colour: Colour }>> = {
  better: { sign: '▲ better', colour: '@blue' },
  worse: { sign: '▼ worse', colour: '@vermillion' },
  unchanged: { sign: '= unchanged', colour: '@green' },
  inconclusive: { sign: '~ inconclusive', colour: '@grey' },
};

const ROW_PIXELS = 30;

/** Undefined where the runs have no metric in common. */
export function forest(input: ForestInput, n: number): Figure | undefined {
  const { base, head, rows, differences } = input;
  if (rows.length === 0) return undefined;
  const drawn = rows.filter(({ ratio }) => ratio !== undefined);
  const chart = { title: `${base} / ${head}, medians`, share: 1, chart: forestChart(drawn) };
  return {
    id: `differences-${n}`,
    title: `Run ${head} against run ${base}`,
    question: 'Which is faster, and how sure is that?',
    answer: answer(input),
    unit: 'ratio',
    rows:
      drawn.length === 0
        ? []
        : oneRow(chart).map((row) => ({ ...row, height: computeHeight(drawn) })),
    table: {
      caption: 'Metric by metric',
      headers: ['metric', base, head, `${base} / ${head}`, 'q', 'verdict'],
      rows: rows.map((row) => [
        row.label,
        row.base,
        row.head,
        ratioText(row.ratio),
        row.q < 0.001 ? '< 0.001' : row.q.toFixed(3),
        LOOKS[row.verdict].sign,
      ]),
    },
    notes: [
      `Right of the line ${head} is faster. The grey strip is a difference of less than 5 %.`,
      'q is the p-value of a permutation of waves, corrected for all rows of the table.',
      ...differences.map((difference) => `Not the same measurement: ${difference}`),
    ],
  };
}

function answer({ base, head, rows, differences }: ForestInput): string {
  const counts = (Object.keys(LOOKS) as Verdict[]).flatMap((verdict) => {
    const count = rows.filter((row) => row.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  const caution = differences.length === 0 ? '' : ' The runs do not measure the same thing.';
  return `Of ${rows.length} metrics ${head} is, against ${base}: ${listText(counts)}.${caution}`;
}

function computeHeight(rows: readonly ForestRow[]): number {
  return 80 + ROW_PIXELS * rows.length;
}

function forestChart(rows: readonly ForestRow[]): ChartSpec {
  const ends = rows.flatMap(({ ratio }) => [ratio?.value, ratio?.lo, ratio?.hi]);
  const known = ends.filter((end) => end !== undefined && end > 0) as readonly number[];
  const reach = Math.max(1.2, ...known, ...known.map((end) => 1 / end));
  const margins = [1 / (1 + EQUIVALENCE_MARGIN), 1 + EQUIVALENCE_MARGIN] as const;
  return {
    base: 'bar',
    isHorizontal: true,
    hasLegend: false,
    labels: rows.map(({ label }) => label),
    x: logAxis(1 / reach, reach * 1.5, { format: 'plain', title: 'ratio, logarithmic' }),
    y: { scale: 'category', format: 'plain', hasGrid: false, isEveryLabelShown: true },
    rules: [
      { axis: 'x', from: margins[0], to: margins[1], colour: '@grey/25' },
      { axis: 'x', from: 1, colour: '@text' },
    ],
    datasets: [
      {
        series: 'ratio',
        data: rows.map(({ ratio }) => {
          const value = ratio?.value ?? 1;
          const half = reach ** 0.012;
          return [round(value / half), round(value * half)] as const;
        }),
        colour: rows.map(({ verdict }) => LOOKS[verdict].colour),
        whiskers: rows.map(({ ratio }) =>
          ratio?.lo === undefined || ratio.hi === undefined
            ? null
            : ([ratio.lo, ratio.hi] as const),
        ),
        valueLabels: rows.map(({ verdict }) => LOOKS[verdict].sign),
        barShare: 0.55,
      },
    ],
  };
}
