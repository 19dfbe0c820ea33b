/** The results of a run: a row for each thing that was measured, and one for each metric. */

import { findTelling } from '../../analyse/before-sight.ts';
import type { MetricRecord } from '../../analyse/metric-record.ts';
import type { Summary } from '../../analyse/summary.ts';
import {
  FROM_INTENDED_START,
  OBJECT_LATENCIES,
  WAVE_METRICS,
} from '../../catalogue/metric-sets.ts';
import type { Table } from '../figures/figure.ts';
import { metricText, variantText } from '../../catalogue/names.ts';
import { meanFigures } from '../facts/run-facts.ts';
import { recordNamer, UNFINISHED } from '../wording/labels.ts';
import {
  countText,
  estimateNumber,
  intervalNumber,
  numberWithInterval,
} from '../wording/numbers.ts';

/** Send lag below this makes responses the same as latencies, for people. */
const LATE_SECONDS = 0.01;

/** A row for each thing measured, its numbers in columns of their own: for a screen. */
export function briefResultsTable(summary: Summary): Table {
  const tells = findTelling(meanFigures(summary));
  const records = summary.metrics.filter(
    (record) =>
      OBJECT_LATENCIES.has(record.metric) || (record.metric === 'acknowledged' && tells(record)),
  );
  const many = records.filter(({ n }) => n > 1);
  const shown = many.length > 0 ? many : records;
  const name = recordNamer(shown, summary.steps ?? []);
  const hasMisses = shown.some(({ n, reached }) => reached < n);
  return {
    caption: 'Latencies in seconds, with the 95 % interval of the mean',
    headers: ['seconds', 'mean', 'p50', 'p95', 'p99', 'max', '95 % CI', ...missHeads(hasMisses)],
    spare: missHeads(hasMisses),
    rows: shown.map((record) => {
      const { mean, p50, p95, p99, max, n, reached } = record;
      return [
        name(record),
        ...[mean, p50, p95, p99, max].map(estimateNumber),
        intervalNumber(mean),
        ...(hasMisses ? [n === reached ? '' : countText(n - reached)] : []),
      ];
    }),
  };
}

function missHeads(hasMisses: boolean): readonly string[] {
  return hasMisses ? ['missed'] : [];
}

/** The metrics that people quote; the others repeat them from another start. */
export function headlineResultsTable(summary: Summary): Table {
  return resultsTable({ ...summary, metrics: shownMetrics(summary) });
}

export function resultsTable({ metrics }: Summary): Table {
  const hasMisses = metrics.some(({ n, reached }) => reached < n);
  const misses = hasMisses ? ['failed', UNFINISHED] : [];
  const all = hasMisses
    ? `Percentiles are of all n, mean and max of those that got there: ${UNFINISHED} ones were ` +
      'neither there nor failed when we stopped waiting. '
    : 'All n got there. ';
  return {
    caption: 'Results in seconds, with 95 % intervals',
    headers: ['step', 'metric', 'n', ...misses, ...FIGURES],
    rows: metrics
      .toSorted((a, b) => a.stepIndex - b.stepIndex)
      .map((record) => resultRow(record, hasMisses)),
    groupedBy: 0,
    spare: ['p90', ...misses],
    legend: `${all}27.9 (27.3-): so few values have no upper bound.`,
  };
}

const FIGURES = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'];

function resultRow(record: MetricRecord, hasMisses: boolean) {
  const { metric, dimensions, n, failed, censored, mean, p50, p90, p95, p99, max } = record;
  const shown = record.waves > 1 || n > 1 ? numberWithInterval : estimateNumber;
  const percentiles = n === 1 ? ['', '', '', ''] : [p50, p90, p95, p99].map(shown);
  return [
    dimensions.step,
    `${variantText(dimensions)} ${metricText(metric)}`.trim(),
    countText(n),
    ...(hasMisses ? [countText(failed), countText(censored)] : []),
    shown(mean),
    ...percentiles,
    estimateNumber(max),
  ];
}

/** Without rows that only repeat others: responses where creations were sent and seen at once. */
export function shownMetrics(summary: Summary): readonly MetricRecord[] {
  const isLate = (summary.validity.maxSendLag ?? 0) > LATE_SECONDS;
  const tells = findTelling(meanFigures(summary));
  const singles = singleSteps(summary);
  return summary.metrics.filter(
    (record) =>
      ((isLate && FROM_INTENDED_START.has(record.metric)) || tells(record)) &&
      !(WAVE_METRICS.has(record.metric) && singles.has(record.stepIndex)),
  );
}

/** Steps whose waves are single operations: their waves say nothing of their own. */
function singleSteps({ waves }: Summary): ReadonlySet<number> {
  const largest = new Map<number, number>();
  for (const { stepIndex, n } of waves) {
    largest.set(stepIndex, Math.max(n, largest.get(stepIndex) ?? 0));
  }
  return new Set([...largest].filter(([, n]) => n === 1).map(([step]) => step));
}
