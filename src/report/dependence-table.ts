/**
 * How alike the VMs of one wave are. What a reader would get wrong: 6,000 VMs of which those of a
 * wave share their weather tell only as much as 6,000 / design effect that do not.
 */

import type { MetricRecord } from '../analyse/metric-record.ts';
import { HEADLINE_METRICS } from '../catalogue/metric-sets.ts';
import type { Summary } from '../analyse/summary.ts';
import { countText } from './number-text.ts';
import { variantText } from './result-table.ts';
import { heading, numbers, type TextStyle, textTable, words } from './text-table.ts';

export function dependenceSection({ metrics }: Summary, style: TextStyle): readonly string[] {
  const rows = metrics.filter(({ metric }) => HEADLINE_METRICS.has(metric)).flatMap(dependenceRow);
  if (rows.length === 0) return [];
  const columns = [
    words('metric'),
    ...numbers('n', 'waves', 'ICC', 'design effect', 'worth independent'),
  ];
  return [heading('Dependence within waves', style), ...textTable(columns, rows, style)];
}

function dependenceRow(record: MetricRecord) {
  const { metric, dimensions, n, waves, icc, designEffect } = record;
  if (icc === undefined || designEffect === undefined) return [];
  const cells = [
    `${dimensions.step}: ${metric} ${variantText(dimensions)}`,
    countText(n),
    countText(waves),
    (Math.round(icc * 100) / 100 + 0).toFixed(2),
    designEffect.toFixed(1),
    countText(Math.floor(n / designEffect)),
  ];
  return [{ cells }];
}
