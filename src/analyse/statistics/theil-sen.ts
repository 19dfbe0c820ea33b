/**
 * A straight line that outliers cannot bend: the median of all pairwise slopes (Theil, 1950), with
 * the interval of Sen (1968). It answers whether waves get slower as VMs accumulate.
 */

import { normalQuantile } from './distributions.ts';
import { UNBOUNDED, type Interval } from './estimate.ts';
import { ascending, quantileSorted } from './quantile.ts';

export interface TheilSenLine {
  /** Units of y for one unit of x. */
  readonly slope: number;
  /** The median of y - slope x. */
  readonly intercept: number;
  /** Interval of the slope; infinite where the points are too few. */
  readonly interval: Interval;
}

/** Undefined where fewer than two points have different x. Quadratic in the number of points. */
export function theilSen(
  x: readonly number[],
  y: readonly number[],
  level = 0.95,
): TheilSenLine | undefined {
  const slopes = pairwiseSlopes(x, y);
  if (slopes.length === 0) return undefined;
  const slope = quantileSorted(slopes, 0.5, 7);
  const rests = ascending(y.map((value, i) => value - slope * (x[i] as number)));
  const interval = slopeInterval(slopes, y, level);
  return { slope, intercept: quantileSorted(rests, 0.5, 7), interval };
}

function pairwiseSlopes(x: readonly number[], y: readonly number[]): Float64Array {
  const slopes: number[] = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const run = (x[j] as number) - (x[i] as number);
      if (run !== 0) slopes.push(((y[j] as number) - (y[i] as number)) / run);
    }
  }
  return ascending(slopes);
}

/** Ranks around the middle slope, from the variance of Kendall's S with ties in y. */
function slopeInterval(slopes: Float64Array, y: readonly number[], level: number): Interval {
  const z = normalQuantile(0.5 + level / 2);
  const reach = z * Math.sqrt(Math.max(0, kendallVariance(y)));
  const lower = Math.round((slopes.length - reach) / 2);
  const upper = Math.round((slopes.length + reach) / 2);
  if (lower < 1 || upper >= slopes.length) return UNBOUNDED;
  return { lo: slopes[lower - 1] as number, hi: slopes[upper] as number };
}

function kendallVariance(values: readonly number[]): number {
  const term = (k: number) => k * (k - 1) * (2 * k + 5);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  let total = term(values.length);
  for (const size of ties.values()) total -= term(size);
  return total / 18;
}
