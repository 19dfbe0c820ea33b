/**
 * One statistic of one metric over the nights of a series. A night without the figure is missing
 * from the series, it is not zero; and a figure that lies beyond the deadline has no value, it is
 * worse than any.
 */

import { metricDirection } from '../../catalogue/metric-sets.ts';
import type { Direction, Metric } from '../../catalogue/metrics.ts';
import { figureName } from '../../catalogue/names.ts';
import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import { type Filing, type Night, type NightMetric, sameFiling } from './night.ts';

export const STATISTICS = [
  'mean',
  'p50',
  'p90',
  'p95',
  'p99',
  'min',
  'max',
  'successShare',
] as const;

export type Statistic = (typeof STATISTICS)[number];

export interface SeriesKey extends Filing {
  readonly metric: Metric;
  readonly statistic: Statistic;
}

export interface SeriesPoint {
  readonly night: Night;
  /** Seconds, or a share. */
  readonly estimate: Estimate;
  /** Undefined where it was not reached. */
  readonly value: number | undefined;
}

/** The nights, in their order, that have the figure. */
export function seriesPoints(nights: readonly Night[], key: SeriesKey): readonly SeriesPoint[] {
  return nights.flatMap((night) => findPoint(night, key) ?? []);
}

/** The figure of one night; undefined where the night has none. */
export function findPoint(night: Night, key: SeriesKey): SeriesPoint | undefined {
  const record = night.metrics.find(
    ({ metric, ...filing }) => metric === key.metric && sameFiling(filing, key),
  );
  const estimate = record === undefined ? undefined : getEstimate(record, key.statistic);
  if (estimate === undefined) return undefined;
  return { night, estimate, value: 'value' in estimate ? estimate.value : undefined };
}

/** Whether less of it is good, or more. */
export function getDirection({ metric, statistic }: SeriesKey): Direction {
  return statistic === 'successShare' ? 'higherIsBetter' : metricDirection(metric);
}

/** The statistic of a metric's record; undefined where the record has none. */
function getEstimate(record: NightMetric, statistic: Statistic): Estimate | undefined {
  if (statistic !== 'successShare') return record[statistic];
  return record.n === 0 ? undefined : share(record);
}

/** `RHEL 9 snapshot clone p95, step clones`. */
export function keyText(key: Filing & { metric: string; statistic: string }): string {
  return `${figureName(key)}, step ${key.step}`;
}

export function sameKey(a: SeriesKey, b: SeriesKey): boolean {
  return a.metric === b.metric && a.statistic === b.statistic && sameFiling(a, b);
}

function share({ reached, n }: NightMetric): PointEstimate {
  return { value: reached / n };
}
