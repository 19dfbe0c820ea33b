/**
 * How much runs of the same thing differ, from a history of nights, put into a comparison of two
 * single runs. An interval from the waves of one run holds how waves differ, and nothing of how
 * runs do; on real clusters that is 1 to 14 %.
 */

import { tQuantile, tTwoSidedP } from '../analyse/statistics/distributions.ts';
import type { ComparedStatistic } from '../analyse/statistics/compared-statistics.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Dimensions } from '../analyse/span.ts';
import { robustLevel } from './change-points/robust-level.ts';
import type { ComparedRun } from './fingerprint.ts';
import { seriesId } from './history/carry-on.ts';
import { fingerprint, type Night } from './history/night.ts';
import { seriesPoints, type SeriesKey } from './history/series.ts';

export interface RunSpread {
  /** Standard deviation of the logarithm from run to run. */
  readonly scatter: number;
  readonly nights: number;
}

/** Fewer nights say too little of how they scatter. */
const LEAST_NIGHTS = 8;
const MOST_NIGHTS = 50;

/** The nights of the history that measured what this run did, on the same environment. */
export function nightsLike({ manifest }: ComparedRun, nights: readonly Night[]): readonly Night[] {
  const identity = manifest?.environment?.identity;
  const id = manifest && seriesId(manifest.scenario);
  if (identity === undefined || id === undefined) return [];
  return nights.filter(
    ({ scenarioHash, environment }) =>
      scenarioHash === id && environment.fingerprint === fingerprint(identity),
  );
}

/** The spread of one statistic; undefined where the nights do not have it often enough. */
export function runSpread(
  nights: readonly Night[],
  metric: Metric,
  filing: Dimensions,
  statistic: ComparedStatistic['statistic'],
): RunSpread | undefined {
  const key: SeriesKey = { metric, statistic, ...filing };
  const values = seriesPoints(nights, key).flatMap(({ value }) => value ?? []);
  const recent = values.slice(-MOST_NIGHTS);
  if (recent.length < LEAST_NIGHTS || !recent.every((value) => value > 0)) return undefined;
  return { scatter: robustLevel(recent.map(Math.log), 0).scatter, nights: recent.length };
}

/** The statistic with an interval and a p-value that hold the difference of two runs as well. */
export function withRunSpread(statistic: ComparedStatistic, spread: RunSpread): ComparedStatistic {
  const { ratio, p } = statistic;
  if (ratio === undefined) return statistic;
  const error = Math.SQRT2 * spread.scatter;
  const df = spread.nights - 1;
  const reach = Math.exp(tQuantile(0.975, df) * error);
  const { value, lo = value, hi = value } = ratio;
  return {
    ...statistic,
    ratio: { value, lo: Math.min(lo, value / reach), hi: Math.max(hi, value * reach) },
    p: error === 0 ? p : Math.max(p, tTwoSidedP(Math.log(value) / error, df)),
  };
}
