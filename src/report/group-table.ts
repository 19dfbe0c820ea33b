/** Groups of runs on a terminal: one group's figures, or two against each other. */

import type { GroupComparison, GroupRow } from '../compare/compare-groups.ts';
import type { GroupMetric, GroupSummary } from '../compare/group-summary.ts';
import type { GroupEstimate } from '../analyse/statistics/group-interval.ts';
import { estimateNumber, intervalNumber, ratioText } from './wording/numbers.ts';
import { metricText, variantText } from '../catalogue/names.ts';
import {
  comparisonHeadline,
  signedPercentText,
  rowName,
  statisticName,
} from './comparison-words.ts';
import {
  heading,
  numbers,
  type TextRow,
  type TextStyle,
  textTable,
  words,
} from './terminal/text-table.ts';
import { simulatedLine } from './wording/twin-words.ts';

/** The whole text, ending with a newline. */
export function renderGroup(
  { scenario, target, twin, runs, metrics }: GroupSummary,
  style: TextStyle,
) {
  const columns = [
    words(`${runs.length} runs, seconds`),
    ...numbers('p50', '95 %', 'run to run', 'p95', '95 %', 'mean', '95 %'),
  ];
  const lines = [
    heading(`${scenario}: ${runs.length} runs, ${runs[0]} to ${runs.at(-1)}`, style),
    ...(target === 'simulated' ? [simulatedLine(twin)] : []),
    '',
    ...textTable(columns, byStep(metrics, groupCells), style),
    'Run to run: coefficient of variation of the medians. Intervals resample runs, then waves.',
  ];
  return `${lines.join('\n')}\n`;
}

/** The whole text, ending with a newline. */
export function renderGroupComparison(comparison: GroupComparison, style: TextStyle): string {
  const { scenario, target, twin, base, head, rows, invalid, unmatched } = comparison;
  const columns = [
    words('over runs, seconds'),
    ...numbers('base', 'head', 'change', 'base / head', 'p', 'q'),
    { title: 'verdict', align: 'left' } as const,
  ];
  const few = Math.min(base.length, head.length) < 3;
  const lines = [
    heading(`${scenario}: ${base.length} runs against ${head.length}`, style),
    ...(target === 'simulated' ? [simulatedLine(twin)] : []),
    comparisonHeadline(comparison),
    ...invalid.map((reason) => `INVALID run ${reason}`),
    '',
    ...textTable(columns, byStep(rows, comparisonCells), style),
    'The run is the unit: geometric means of runs, Welch intervals and tests of logarithms.',
    ...(few ? ['Fewer than 3 runs on a side give no verdict: bench run S --repeat 5.'] : []),
    ...unmatched.map(
      ({ metric, dimensions, onlyIn }) =>
        `Not in both: ${dimensions.step}: ` +
        `${variantText(dimensions)} ${metricText(metric)} only in ${onlyIn}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function byStep<T extends GroupMetric | GroupRow>(
  rows: readonly T[],
  cells: (row: T) => readonly TextRow[],
): readonly TextRow[] {
  const steps = [...new Set(rows.map(({ dimensions }) => dimensions.step))];
  return steps.flatMap((step): readonly TextRow[] => [
    { cells: [step], isHeading: true },
    ...rows.filter(({ dimensions }) => dimensions.step === step).flatMap(cells),
  ]);
}

function groupCells({ metric, dimensions, p50, p95, mean }: GroupMetric): readonly TextRow[] {
  const spread = p50?.spread === undefined ? '-' : `${(100 * p50.spread).toFixed(1)} %`;
  const name = `  ${`${variantText(dimensions)} ${metricText(metric)}`.trimStart()}`;
  return [{ cells: [name, ...pair(p50), spread, ...pair(p95), ...pair(mean)] }];
}

function pair(estimate: GroupEstimate | undefined): readonly string[] {
  return [estimateNumber(estimate), intervalNumber(estimate)];
}

function comparisonCells(row: GroupRow): readonly TextRow[] {
  return row.statistics.map((statistic, i) => {
    const { values, change, ratio, p, q, verdict } = statistic;
    const name = i === 0 ? `  ${rowName(row)}` : '   ';
    return {
      cells: [
        `${name} ${statisticName(statistic)}`,
        estimateNumber(values.baseline),
        estimateNumber(values.head),
        change === undefined ? '-' : signedPercentText(change),
        ratio === undefined ? '-' : ratioText(ratio),
        p.toFixed(4),
        q === undefined ? '-' : q.toFixed(4),
        verdict,
      ],
    };
  });
}
