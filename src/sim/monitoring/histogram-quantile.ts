/** A quantile of what a classic histogram counted (prometheus promql/quantile.go). */

export interface Bucket {
  /** Its upper bound, inclusive. */
  readonly bound: number;
  /** All values up to the bound. */
  readonly count: number;
}

/** NaN where nothing was counted, or where the bucket without a bound is missing. */
export function bucketQuantile(quantile: number, unordered: readonly Bucket[]): number {
  const buckets = monotonic(unordered.toSorted((a, b) => a.bound - b.bound));
  const last = buckets.at(-1);
  if (buckets.length < 2 || last?.bound !== Number.POSITIVE_INFINITY) return Number.NaN;
  if (Number.isNaN(quantile) || last.count === 0) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  const rank = quantile * last.count;
  const index = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  // Beyond the last bound there is nothing to tell one value from another.
  if (index < 0) return buckets.at(-2)?.bound ?? Number.NaN;
  const { bound, count } = buckets[index] as Bucket;
  const below = buckets[index - 1] ?? { bound: 0, count: 0 };
  if (index === 0 && bound <= 0) return bound;
  const within = count - below.count;
  if (within === 0) return bound;
  return below.bound + ((bound - below.bound) * (rank - below.count)) / within;
}

/** Counts of rates can fall a little with rounding; a bucket holds no less than those below it. */
function monotonic(buckets: readonly Bucket[]): readonly Bucket[] {
  let most = 0;
  return buckets.map(({ bound, count }) => {
    most = Math.max(most, count);
    return { bound, count: most };
  });
}
