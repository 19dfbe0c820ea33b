/**
 * How many independent values a sample is worth: n over the design effect, with what is known of
 * the order of its waves (a trend, regimes) taken away first, since the strata hold that fast. A
 * tail is worth less than the middle where a few waves make it up.
 */

import { cautiousDesignEffect, logarithms } from './cluster.ts';
import type { Wave } from './observation.ts';
import type { Stratum } from './wave-resampling.ts';

export function countWorth(waves: readonly Wave[], strata: readonly Stratum[]): number {
  return worthOf(logarithms(waves), strata, count(waves));
}

/** Of the share of values above `bound`: what a percentile that lies there rests on. */
export function tailWorth(
  waves: readonly Wave[],
  strata: readonly Stratum[],
  bound: number,
): number {
  const isAbove = waves.map((wave) =>
    wave.map((o) => (o.state === 'reached' && o.hi <= bound ? 0 : 1)),
  );
  return worthOf(isAbove, strata, count(waves));
}

function worthOf(
  values: readonly (readonly number[])[],
  strata: readonly Stratum[],
  n: number,
): number {
  return n / cautiousDesignEffect(strata.length === 1 ? values : withoutStrata(values, strata));
}

function count(waves: readonly Wave[]): number {
  return waves.reduce((sum, wave) => sum + wave.length, 0);
}

function withoutStrata(
  all: readonly (readonly number[])[],
  strata: readonly Stratum[],
): readonly (readonly number[])[] {
  const left = [...all];
  for (const stratum of strata) {
    const values = stratum.flatMap((wave) => all[wave] ?? []);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    for (const wave of stratum) left[wave] = (all[wave] ?? []).map((value) => value - mean);
  }
  return left;
}
