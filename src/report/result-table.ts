/** The results: one table a step, one row a metric and dimension set, its intervals beneath. */

import type { MetricRecord } from '../analyse/metric-record.ts';
import type { Dimensions } from '../analyse/span.ts';
import type { Estimate } from '../analyse/statistics/estimate.ts';
import { minimumCount } from '../analyse/statistics/order-statistic-interval.ts';
import { QUANTILES, type QuantileName } from '../analyse/statistics/summarise.ts';
import type { Summary } from '../analyse/summary.ts';
import { estimateText, intervalText } from './number-text.ts';
import { heading, type TextColumn, type TextRow, type TextStyle, textTable } from './text-table.ts';

const COLUMNS: readonly TextColumn[] = [
  { title: '', align: 'left' },
  ...['n', 'reached', 'failed', 'cens.', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'].map(
    (title) => ({ title, align: 'right' as const }),
  ),
];

const LEVEL = 0.95;

export function resultSections(summary: Summary, style: TextStyle): readonly (readonly string[])[] {
  const steps = [...new Set(summary.metrics.map(({ dimensions }) => dimensions.step))];
  return steps.map((step) => {
    const records = summary.metrics.filter(({ dimensions }) => dimensions.step === step);
    const rows = records.flatMap(resultRows);
    return [heading(`${step} (seconds)`, style), ...textTable(COLUMNS, rows, style)];
  });
}

/** `rhel9 snapshot`. */
export function variantText({ image, source, template }: Dimensions): string {
  return [image ?? template, source].filter((part) => part !== undefined).join(' ');
}

function resultRows(record: MetricRecord): TextRow[] {
  const { n, reached, failed, censored, mean, max } = record;
  const names = Object.keys(QUANTILES) as QuantileName[];
  const counts = [n, reached, failed, censored].map(String);
  const estimates: readonly (Estimate | undefined)[] = [
    mean,
    ...names.map((name) => record[name]),
    max,
  ];
  const label = `${record.metric} ${variantText(record.dimensions)}`.trim();
  const texts = names.map((name) => quantileText(record, name));
  const values = [estimateText(mean), ...texts, estimateText(max)];
  const intervals = estimates.map(intervalText);
  const row = { cells: [label, ...counts, ...values] };
  if (intervals.every((text) => text === '')) return [row];
  return [row, { cells: ['', '', '', '', '', ...intervals], faint: true }];
}

/** Marked `>=` where so few values cannot bound the percentile from above. */
function quantileText(record: MetricRecord, name: QuantileName): string {
  const text = estimateText(record[name]);
  const isUnbounded = 'value' in record[name] && record.n < minimumCount(QUANTILES[name], LEVEL);
  return isUnbounded && record.n > 1 ? `>= ${text}` : text;
}
