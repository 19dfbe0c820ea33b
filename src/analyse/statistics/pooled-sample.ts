/**
 * All waves of a metric in one sorted order that remembers each value's wave. Because resampling
 * whole waves only changes how often each wave counts, a quantile of a resample is one walk along
 * this order, without sorting again: that is what makes 2,000 resamples of 20,000 values cheap.
 */

import { inverseEcdfRank } from './quantile.ts';
import type { Observation, Wave } from './observation.ts';

export interface PooledSample {
  /** Ascending; reached values, censoring times, then Infinity for each failure. */
  readonly values: Float64Array;
  /** 1 where the entry was reached, 0 where it was censored or failed. */
  readonly isReached: Uint8Array;
  /** The wave of each entry. */
  readonly waveOf: Uint32Array;
  readonly waveSizes: Uint32Array;
  /** Whether a value was censored before a later one was reached, so that ranks do not suffice. */
  readonly censoredEarly: boolean;
}

/** Which end of a reached interval counts as its value. */
export type IntervalEnd = 'lo' | 'hi';

/** `1 - q` and a product of many factors meet only to rounding. */
const SURVIVAL_TOLERANCE = 1e-10;

export function poolWaves(waves: readonly Wave[], end: IntervalEnd = 'hi'): PooledSample {
  const flat = waves.flatMap((wave, index) =>
    wave.map((observation) => ({ index, observation, value: sortValue(observation, end) })),
  );
  flat.sort(
    (a, b) => compare(a.value, b.value) || lateness(a.observation) - lateness(b.observation),
  );
  const isReached = Uint8Array.from(flat, (e) => (e.observation.state === 'reached' ? 1 : 0));
  return {
    values: Float64Array.from(flat, (entry) => entry.value),
    isReached,
    waveOf: Uint32Array.from(flat, (entry) => entry.index),
    waveSizes: Uint32Array.from(waves, (wave) => wave.length),
    censoredEarly: isReached.indexOf(0) !== -1 && isReached.indexOf(0) < isReached.lastIndexOf(1),
  };
}

/** Each wave once: the sample itself. */
export function onceEach(sample: PooledSample): Uint32Array {
  return new Uint32Array(sample.waveSizes.length).fill(1);
}

/**
 * Quantiles of the sample in which wave w counts `multiplicity[w]` times, read off the Kaplan-Meier
 * curve; infinite where the curve does not reach them. `quantiles` ascending, as is the result.
 */
export function pooledQuantiles(
  sample: PooledSample,
  multiplicity: Uint32Array,
  quantiles: readonly number[],
): number[] {
  let total = 0;
  for (let w = 0; w < multiplicity.length; w++) {
    total += (multiplicity[w] as number) * (sample.waveSizes[w] as number);
  }
  if (total === 0) return quantiles.map(() => Number.NaN);
  return sample.censoredEarly
    ? walkSurvival(sample, multiplicity, quantiles, total)
    : walkRanks(sample, multiplicity, quantiles, total);
}

function walkRanks(
  { values, isReached, waveOf }: PooledSample,
  multiplicity: Uint32Array,
  quantiles: readonly number[],
  total: number,
): number[] {
  const found: number[] = [];
  let seen = 0;
  let i = -1;
  for (const q of quantiles) {
    const rank = inverseEcdfRank(total, q);
    while (seen < rank) seen += multiplicity[waveOf[++i] as number] as number;
    found.push(isReached[i] === 1 ? (values[i] as number) : Number.POSITIVE_INFINITY);
  }
  return found;
}

function walkSurvival(
  { values, isReached, waveOf }: PooledSample,
  multiplicity: Uint32Array,
  quantiles: readonly number[],
  total: number,
): number[] {
  const found: number[] = [];
  let atRisk = total;
  let surviving = 1;
  for (let i = 0; i < values.length && found.length < quantiles.length; i++) {
    const weight = multiplicity[waveOf[i] as number] as number;
    if (weight === 0) continue;
    if (isReached[i] === 1) surviving *= 1 - weight / atRisk;
    atRisk -= weight;
    const reachedShare = 1 - surviving + SURVIVAL_TOLERANCE;
    while (isReached[i] === 1 && reachedShare >= (quantiles[found.length] ?? 2)) {
      found.push(values[i] as number);
    }
  }
  while (found.length < quantiles.length) found.push(Number.POSITIVE_INFINITY);
  return found;
}

function sortValue(observation: Observation, end: IntervalEnd): number {
  if (observation.state === 'reached') return observation[end];
  return observation.state === 'censored' ? observation.at : Number.POSITIVE_INFINITY;
}

/** At one time the reached come first: who is censored there was still at risk. */
function lateness(observation: Observation): number {
  return observation.state === 'reached' ? 0 : 1;
}

function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
