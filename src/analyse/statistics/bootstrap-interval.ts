/**
 * From bootstrap replicates to an interval. Percentile intervals serve quantiles; BCa (Efron, 1987)
 * corrects bias and skewness for means and ratios. BCa is not used for quantiles: their jackknife
 * acceleration is not consistent, and ends would jump between order statistics.
 */

import { normalCdf, normalQuantile, tQuantile } from './distributions.ts';
import { UNBOUNDED, type Interval } from './estimate.ts';
import { ascending } from './quantile.ts';

/** Resamples unless told otherwise. */
export const RESAMPLES = 2_000;

/** Shares that mean a whole rank land a hair beside it. */
const RANK_TOLERANCE = 1e-9;

/** What a 95 % interval leaves out on each side, with many units. */
const TAIL = 0.025;

/**
 * What to leave out on each side so that few units (waves) still give the level: the percentile
 * interval of n units is short by sqrt(1 - 1/n) and by normal against t quantiles. Phi(-t(n - 1)
 * sqrt(n / (n - 1))), the expanded percentile of Hesterberg (The American Statistician, 2015).
 */
export function expandedTail(units: number, level = 0.95): number {
  const t = tQuantile(0.5 + level / 2, units - 1);
  return normalCdf(-t * Math.sqrt(units / (units - 1)));
}

/** The k-th smallest and k-th largest replicate, k = (B + 1) tail (Davison and Hinkley 5.2). */
export function percentileInterval(replicates: ArrayLike<number>, tail = TAIL): Interval {
  return replicateRange(ascending(replicates), tail, 1 - tail);
}

/**
 * Bias-corrected and accelerated interval. `jackknife` holds the estimate with each unit (value, or
 * whole wave) left out in turn. Falls back to the percentile interval where all replicates agree.
 */
export function bcaInterval(
  replicates: ArrayLike<number>,
  estimate: number,
  jackknife: readonly number[],
  tail = TAIL,
): Interval {
  const sorted = ascending(replicates);
  const bias = biasCorrection(sorted, estimate);
  if (!Number.isFinite(bias)) return percentileInterval(sorted, tail);
  const acceleration = computeAcceleration(jackknife);
  const z = -normalQuantile(tail);
  const shifted = (towards: number) =>
    normalCdf(bias + (bias + towards) / (1 - acceleration * (bias + towards)));
  return replicateRange(sorted, shifted(-z), shifted(z));
}

function replicateRange(sorted: Float64Array, lower: number, upper: number): Interval {
  if (sorted.length === 0 || sorted.some(Number.isNaN)) return UNBOUNDED;
  const at = (rank: number) => sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number;
  const last = sorted.length + 1;
  const ranks = (share: number) => Math.floor(last * share + RANK_TOLERANCE);
  return { lo: at(ranks(lower)), hi: at(last - ranks(1 - upper)) };
}

/** The normal score of the share of replicates below the estimate, counting ties as half. */
function biasCorrection(sorted: Float64Array, estimate: number): number {
  let below = 0;
  for (const replicate of sorted) {
    if (replicate < estimate) below += 1;
    else if (replicate === estimate) below += 0.5;
  }
  const share = below / sorted.length;
  return share === 0 || share === 1 ? Number.NaN : normalQuantile(share);
}

function computeAcceleration(jackknife: readonly number[]): number {
  const center = jackknife.reduce((sum, value) => sum + value, 0) / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (const value of jackknife) {
    squares += (center - value) ** 2;
    cubes += (center - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
