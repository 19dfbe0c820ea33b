/**
 * Bootstrap replicates of pooled quantiles and means from whole waves drawn with replacement.
 * Randomness comes in as an argument; the same stream gives the same replicates.
 */

import type { Rng } from '../../core/rng.ts';
import { RESAMPLES } from './bootstrap-interval.ts';
import { pooledQuantiles, type PooledSample } from './pooled-sample.ts';
import { drawWaves, type Stratum } from './wave-resampling.ts';

export interface Resampling {
  readonly rng: Rng;
  readonly strata: readonly Stratum[];
  /** Default 2,000. */
  readonly resamples?: number;
}

/** What a mean needs of a wave: the sum and the number of its reached values. */
export interface WaveTotals {
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
}

/** Totals of waves of numbers. */
export function waveTotals(waves: readonly (readonly number[])[]): WaveTotals {
  return {
    sums: Float64Array.from(waves, (wave) => wave.reduce((sum, value) => sum + value, 0)),
    counts: Uint32Array.from(waves, (wave) => wave.length),
  };
}

/** Replicates of each quantile (`quantiles` ascending); Infinity where one is not reached. */
export function bootstrapQuantiles(
  sample: PooledSample,
  quantiles: readonly number[],
  { rng, strata, resamples = RESAMPLES }: Resampling,
): readonly Float64Array[] {
  const replicates = quantiles.map(() => new Float64Array(resamples));
  const multiplicity = new Uint32Array(sample.waveSizes.length);
  for (let b = 0; b < resamples; b++) {
    drawWaves(multiplicity, strata, rng);
    const found = pooledQuantiles(sample, multiplicity, quantiles);
    for (let k = 0; k < found.length; k++) {
      (replicates[k] as Float64Array)[b] = found[k] as number;
    }
  }
  return replicates;
}

/** Replicates of the mean over all drawn values; NaN where a resample drew none. */
export function bootstrapMeans(
  totals: WaveTotals,
  { rng, strata, resamples = RESAMPLES }: Resampling,
): Float64Array {
  const multiplicity = new Uint32Array(totals.counts.length);
  return Float64Array.from({ length: resamples }, () => {
    drawWaves(multiplicity, strata, rng);
    return weightedMean(totals, multiplicity);
  });
}

/** The mean with each wave drawn `multiplicity` times. */
export function weightedMean(totals: WaveTotals, multiplicity: Uint32Array): number {
  let sum = 0;
  let count = 0;
  for (let w = 0; w < multiplicity.length; w++) {
    const times = multiplicity[w] as number;
    sum += times * (totals.sums[w] as number);
    count += times * (totals.counts[w] as number);
  }
  return count === 0 ? Number.NaN : sum / count;
}

/** The mean with each wave left out in turn: the jackknife that BCa needs. */
export function leaveOneWaveOut({ sums, counts }: WaveTotals): number[] {
  const sum = sums.reduce((total, value) => total + value, 0);
  const count = counts.reduce((total, value) => total + value, 0);
  return Array.from(sums, (own, w) => (sum - own) / (count - (counts[w] as number)));
}
