/**
 * Two groups of runs, with the run as the unit: each gives one value of a statistic, and what
 * differs from run to run (a rebuilt pool, another placement, the time of day) is in the interval
 * because it is among the values. With one run a side that part is unknown, however many waves
 * there were; no interval from one run holds it.
 */

import { sampleVariance } from 'simple-statistics';
import { tQuantile, tTwoSidedP } from './distributions.ts';
import type { PointEstimate } from './estimate.ts';
import { meanOf } from './mean.ts';

/** Fewer runs a side say too little of how runs differ. */
export const MIN_RUNS = 3;

export interface UnitComparison {
  /** baseline / head of the geometric means; its interval takes MIN_RUNS a side. */
  readonly ratio: PointEstimate;
  /** Welch's t-test (1947) of the logarithms, two-sided; 1 with too few runs. */
  readonly p: number;
}

/** Compares positive finite values, one a run; undefined where one is not. */
export function compareUnits(
  baseline: readonly number[],
  head: readonly number[],
  level = 0.95,
): UnitComparison | undefined {
  const all = [...baseline, ...head];
  if (!all.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  const [left, right] = [baseline.map(Math.log), head.map(Math.log)];
  const difference = meanOf(left) - meanOf(right);
  if (Math.min(left.length, right.length) < MIN_RUNS) {
    return { ratio: { value: Math.exp(difference) }, p: 1 };
  }
  const [a, b] = [left, right].map((logs) => sampleVariance(logs) / logs.length) as [
    number,
    number,
  ];
  const variance = a + b;
  if (variance === 0) {
    const value = Math.exp(difference);
    return { ratio: { value, lo: value, hi: value }, p: difference === 0 ? 1 : 0 };
  }
  const df = variance ** 2 / (a ** 2 / (left.length - 1) + b ** 2 / (right.length - 1));
  const error = Math.sqrt(variance);
  const reach = tQuantile(0.5 + level / 2, df) * error;
  return {
    ratio: {
      value: Math.exp(difference),
      lo: Math.exp(difference - reach),
      hi: Math.exp(difference + reach),
    },
    p: tTwoSidedP(difference / error, df),
  };
}

/** The coefficient of variation of positive values: how runs of the same thing differ. */
export function coefficientOfVariation(values: readonly number[]): number | undefined {
  if (values.length < 2 || !values.every((value) => value > 0 && Number.isFinite(value))) {
    return undefined;
  }
  return Math.sqrt(sampleVariance(values.map(Math.log)));
}
