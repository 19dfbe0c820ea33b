/**
 * How many independent values a sample is worth: n over the design effect, with what is known of
 * the order of its waves (a trend, regimes) taken away first, since the strata hold that fast.
 */

import { cautiousDesignEffect, logarithms } from './cluster.ts';
import type { Wave } from './observation.ts';
import type { Stratum } from './wave-resampling.ts';

export function countWorth(waves: readonly Wave[], strata: readonly Stratum[]): number {
  const logs = logarithms(waves);
  const left = strata.length === 1 ? logs : withoutStrata(logs, strata);
  const n = waves.reduce((sum, wave) => sum + wave.length, 0);
  return n / cautiousDesignEffect(left);
}

function withoutStrata(
  logs: readonly (readonly number[])[],
  strata: readonly Stratum[],
): readonly (readonly number[])[] {
  const left = [...logs];
  for (const stratum of strata) {
    const values = stratum.flatMap((wave) => logs[wave] ?? []);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    for (const wave of stratum) left[wave] = (logs[wave] ?? []).map((value) => value - mean);
  }
  return left;
}
