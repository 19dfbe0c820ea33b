/**
 * Intervals of a share of successes. Both allow for shares of 0 and 1, where "+- sd" is nonsense.
 */

import { betaQuantile, normalQuantile } from './distributions.ts';
import type { Interval } from './estimate.ts';

/** Exact interval of Clopper and Pearson (1934): covers at least the level, for every share. */
export function clopperPearson(successes: number, n: number, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  return {
    lo: successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
    hi: successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
  };
}

/** Score interval of Wilson (1927): covers the level on average, and is shorter. */
export function wilson(successes: number, n: number, level = 0.95): Interval {
  const z = normalQuantile(0.5 + level / 2);
  const share = successes / n;
  const scale = 1 + (z * z) / n;
  const center = share + (z * z) / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return {
    lo: successes === 0 ? 0 : (center - spread) / scale,
    hi: successes === n ? 1 : (center + spread) / scale,
  };
}
