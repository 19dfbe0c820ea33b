/**
 * The results: a row per metric and dimension set under its step, and beneath it what became of all
 * that was requested, and the 95 % intervals. What a reader would get wrong: rows that would only
 * repeat others (responses where requests were sent on time) are left out here, not in the files.
 */

import type { MetricRecord } from '../analyse/metric-record.ts';
import { FROM_INTENDED_START, WAVE_METRICS } from '../catalogue/metric-sets.ts';
import type { Dimensions } from '../analyse/span.ts';
import { minimumCount } from '../analyse/statistics/order-statistic-interval.ts';
import { QUANTILES, type QuantileName } from '../analyse/statistics/summarise.ts';
import type { Summary } from '../analyse/summary.ts';
import { estimateText, intervalText } from './number-text.ts';
import {
  dimmed,
  heading,
  numbers,
  spareNumbers,
  type TextColumn,
  type TextRow,
  type TextStyle,
  textTable,
  words,
  wrapped,
} from './text-table.ts';

const COLUMNS: readonly TextColumn[] = [
  words('seconds'),
  ...numbers('mean', 'p50'),
  ...spareNumbers('p90'),
  ...numbers('p95'),
  ...spareNumbers('p99'),
  ...numbers('max'),
];

const LEGEND =
  'Beneath each: requested = reached + failed + censored (still running at the deadline), and 95 ' +
  '% intervals. Percentiles are of all requested, mean and max of the reached. ' +
  '>= x: so few values cannot bound it from above.';

const LEVEL = 0.95;

/** Send lag below this makes responses the same as latencies, for people. */
const LATE_SECONDS = 0.01;

export function resultSection(summary: Summary, style: TextStyle): readonly string[] {
  const shown = shownMetrics(summary);
  if (shown.length === 0) return [];
  const steps = [...new Set(shown.map(({ stepIndex }) => stepIndex))].sort((a, b) => a - b);
  const rows = steps.flatMap((step) => stepRows(shown.filter((r) => r.stepIndex === step)));
  const legend = wrapped(LEGEND, style.width, '').map((line) => dimmed(line, style));
  return [heading('Results', style), ...textTable(COLUMNS, rows, style), ...legend];
}

/** The records worth a row. */
export function shownMetrics(summary: Summary): readonly MetricRecord[] {
  const isLate = (summary.validity.maxSendLag ?? 0) > LATE_SECONDS;
  const singles = singleSteps(summary);
  return summary.metrics.filter(
    ({ metric, stepIndex }) =>
      (isLate || !FROM_INTENDED_START.has(metric)) &&
      !(WAVE_METRICS.has(metric) && singles.has(stepIndex)),
  );
}

/** `rhel9 snapshot`; `rhel9 snapshot via copy` for clones that took another path. */
export function variantText({ image, source, template, path }: Dimensions): string {
  const via = path === undefined ? undefined : `via ${path}`;
  return [image ?? template, source, via].filter((part) => part !== undefined).join(' ');
}

/** Steps whose waves are single operations: their waves say nothing of their own. */
function singleSteps({ waves }: Summary): ReadonlySet<number> {
  const largest = new Map<number, number>();
  for (const { stepIndex, n } of waves) {
    largest.set(stepIndex, Math.max(n, largest.get(stepIndex) ?? 0));
  }
  return new Set([...largest].filter(([, n]) => n === 1).map(([step]) => step));
}

function stepRows(records: readonly MetricRecord[]): readonly TextRow[] {
  const name = records[0]?.dimensions.step ?? '';
  return [{ cells: [name], isHeading: true }, ...records.flatMap(resultRows)];
}

function resultRows(record: MetricRecord): TextRow[] {
  const { n, reached, failed, censored, mean, max } = record;
  const names = Object.keys(QUANTILES) as QuantileName[];
  const label = `  ${record.metric} ${variantText(record.dimensions)}`.trimEnd();
  const percentiles =
    n === 1 ? names.map(() => '') : names.map((name) => quantileText(record, name));
  const intervals = [mean, ...names.map((name) => record[name])].map(intervalText);
  return [
    { cells: [label, estimateText(mean), ...percentiles, estimateText(max)] },
    { cells: [`    ${n} = ${reached} + ${failed} + ${censored}`, ...intervals], isFaint: true },
  ];
}

/** Marked `>=` where so few values cannot bound the percentile from above. */
function quantileText(record: MetricRecord, name: QuantileName): string {
  const text = estimateText(record[name]);
  const isUnbounded = 'value' in record[name] && record.n < minimumCount(QUANTILES[name], LEVEL);
  return isUnbounded ? `>= ${text}` : text;
}
