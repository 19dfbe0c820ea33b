/**
 * Quantiles of a plain sorted sample, by two of the definitions that Hyndman and Fan number (The
 * American Statistician, 1996). The headline everywhere in bench is type 1, the inverse of the
 * empirical distribution: always a value that was observed, defined with infinite values in the
 * sample, and what Kaplan-Meier reduces to. At n = 100 the definition alone moves p99 by 12 %, so
 * it is ours and named, not a library's default. Type 7 (R, NumPy) stands beside it for people who
 * check, and where a median of two values is their mean.
 */

export type QuantileType = 1 | 7;

/** `0.95 * 100` and its like land a hair beside the whole number they mean. */
const RANK_TOLERANCE = 1e-9;

/** The quantile's 1-based rank under type 1: the smallest k with k >= n q. */
export function inverseEcdfRank(n: number, q: number): number {
  return Math.min(n, Math.max(1, Math.ceil(n * q - RANK_TOLERANCE)));
}

/**
 * The quantile of `sorted` (ascending; infinite values allowed, and returned where they belong).
 * NaN for an empty sample, or where type 7 meets infinity minus infinity.
 */
export function quantileSorted(
  sorted: ArrayLike<number>,
  q: number,
  type: QuantileType = 1,
): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  if (type === 1) return sorted[inverseEcdfRank(n, q) - 1] as number;
  // Counted from 1.
  const position = n * q + 1 - q;
  const rank = Math.floor(position + RANK_TOLERANCE);
  const weight = position - rank;
  const below = sorted[rank - 1] as number;
  const above = sorted[Math.min(rank, n - 1)] as number;
  if (weight <= RANK_TOLERANCE || below === above) return below;
  return below + weight * (above - below);
}

/** Ascending copy, as the functions here want it. */
export function ascending(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}
