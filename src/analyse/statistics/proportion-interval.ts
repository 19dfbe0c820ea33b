/** The interval of a share of successes; it allows for 0 and 1, where "+- sd" is nonsense. */

import { betaQuantile } from './distributions.ts';
import type { Interval } from './estimate.ts';

/** Exact interval of Clopper and Pearson (1934): covers at least the level, for every share. */
export function clopperPearson(successes: number, n: number, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  return {
    lo: successes === 0 ? 0 : betaQuantile(tail, successes, n - successes + 1),
    hi: successes === n ? 1 : betaQuantile(1 - tail, successes + 1, n - successes),
  };
}
