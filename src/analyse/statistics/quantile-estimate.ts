/**
 * One quantile of a sample, whatever the sample holds: the rank where all is exact, the
 * Kaplan-Meier curve where values are censored before others are reached, Turnbull's where some are
 * intervals. The likeliest curve says of such a quantile only that it lies in (lo, hi], and its
 * value is `hi` by convention, as means and maxima count upper ends too; a middle would claim to
 * know more. Values of which each may lie anywhere in its interval allow even more, which a warning
 * tells. Where the curve does not come so far, the answer says who stands there: values still
 * running (`over`) or values that failed (`never`).
 */

import type { Estimate } from './estimate.ts';
import type { Observation, Wave } from './observation.ts';
import { onceEach, pooledQuantiles, poolWaves, type PooledSample } from './pooled-sample.ts';
import { inverseEcdfRank } from './quantile.ts';
import { turnbull, turnbullQuantile } from './turnbull.ts';

export type QuantileMethod = 'inverse-ecdf' | 'kaplan-meier' | 'turnbull';

export interface QuantilePoint {
  readonly estimate: Estimate;
  /** Where the data place the quantile only in (lo, hi]; the estimate's value is then `hi`. */
  readonly within?: { readonly lo: number; readonly hi: number };
}

export interface QuantileReading {
  readonly method: QuantileMethod;
  /** One for each quantile asked for. */
  readonly points: readonly QuantilePoint[];
  /** False where Turnbull's iteration was cut off: its quantiles are then approximate. */
  readonly converged: boolean;
}

/** The quantile of observations regardless of waves; the sample must not be empty. */
export function estimateQuantile(observations: readonly Observation[], q: number): QuantilePoint {
  const waves = [observations];
  return readQuantiles(waves, poolWaves(waves), [q]).points[0] as QuantilePoint;
}

/** Quantiles (ascending) of all waves together; `pooled` is `poolWaves(waves)`. */
export function readQuantiles(
  waves: readonly Wave[],
  pooled: PooledSample,
  quantiles: readonly number[],
): QuantileReading {
  if (waves.some((wave) => wave.some(isInterval))) return readTurnbull(waves, pooled, quantiles);
  const found = pooledQuantiles(pooled, onceEach(pooled), quantiles);
  const points = quantiles.map((q, i) => {
    const value = found[i] as number;
    return { estimate: Number.isFinite(value) ? { value } : beyondTheCurve(pooled, q) };
  });
  return {
    method: pooled.censoredEarly ? 'kaplan-meier' : 'inverse-ecdf',
    points,
    converged: true,
  };
}

/** Whether a value is known only to lie in an interval. */
export function isInterval(observation: Observation): boolean {
  return observation.state === 'reached' && observation.lo < observation.hi;
}

function readTurnbull(
  waves: readonly Wave[],
  pooled: PooledSample,
  quantiles: readonly number[],
): QuantileReading {
  const fit = turnbull(waves.flat());
  const n = pooled.values.length;
  const largest = pooled.isReached[n - 1] === 1 ? (pooled.values[n - 1] as number) : undefined;
  const points = quantiles.map((q) => {
    const likeliest = turnbullQuantile(fit, q);
    // The quantile of the last rank is the maximum, and counts its upper end as that does.
    const isLast = largest !== undefined && inverseEcdfRank(n, q) === n;
    const within = isLast ? { lo: likeliest?.lo ?? largest, hi: largest } : likeliest;
    if (within === undefined) return { estimate: beyondTheCurve(pooled, q) };
    const estimate = { value: within.hi };
    return within.lo === within.hi ? { estimate } : { estimate, within };
  });
  return { method: 'turnbull', points, converged: fit.converged };
}

/**
 * Had every censored value been reached at once after we stopped looking, this is where the
 * quantile would be: no later fact can put it lower. On a failure, no later fact can make it
 * finite.
 */
function beyondTheCurve(pooled: PooledSample, q: number): Estimate {
  const bound = pooled.values[inverseEcdfRank(pooled.values.length, q) - 1] as number;
  return Number.isFinite(bound) ? { over: bound } : { never: true };
}
