import { describe, expect, test } from 'vitest';
import { exactly } from '../../../src/analyse/statistics/observation.ts';
import { poolWaves } from '../../../src/analyse/statistics/pooled-sample.ts';
import {
  bootstrapMeans,
  bootstrapQuantiles,
  leaveOneWaveOut,
  waveTotals,
} from '../../../src/analyse/statistics/wave-bootstrap.ts';
import { oneStratum, thirds } from '../../../src/analyse/statistics/wave-resampling.ts';
import { createRng } from '../../../src/core/rng.ts';

/** Wave w holds only the value w + 1: a replicate shows which waves were drawn. */
const distinct = Array.from({ length: 9 }, (_, w) => Array.from({ length: 5 }, () => w + 1));

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

describe('the wave bootstrap', () => {
  test('draws whole waves: the mean varies as that of 9 values, not of 45', () => {
    const resampling = { rng: createRng(1), strata: oneStratum(9), resamples: 4_000 };
    const means = bootstrapMeans(waveTotals(distinct), resampling);
    const ofNine = 60 / 9 / 9;
    expect(varianceOf(means)).toBeGreaterThan(0.9 * ofNine);
    expect(varianceOf(means)).toBeLessThan(1.1 * ofNine);
  });

  test('gives the same replicates for the same stream, others for another', () => {
    const pooled = poolWaves(distinct.map((wave) => wave.map(exactly)));
    const replicates = (seed: number) =>
      bootstrapQuantiles(pooled, [0.5], { rng: createRng(seed), strata: oneStratum(9) })[0];
    expect(replicates(1)).toEqual(replicates(1));
    expect(replicates(1)).not.toEqual(replicates(2));
  });

  test('within thirds a trend from wave to wave is no noise', () => {
    const totals = waveTotals(distinct);
    const spread = (strata: ReturnType<typeof thirds>) =>
      varianceOf(bootstrapMeans(totals, { rng: createRng(3), strata, resamples: 1_000 }));
    expect(spread(thirds(9))).toBeLessThan(spread(oneStratum(9)) / 5);
  });

  test('thirds part any number of waves, in order', () => {
    expect(thirds(8)).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6, 7],
    ]);
    expect(thirds(2).flat()).toEqual([0, 1]);
  });

  test('the jackknife leaves each wave out once', () => {
    expect(leaveOneWaveOut(waveTotals([[1, 2], [3], [6, 6, 6]]))).toEqual([21 / 4, 21 / 5, 2]);
  });

  test('a quantile that a resample does not reach is infinite', () => {
    const waves = distinct.map((wave, w) =>
      wave.map((value) => (w < 5 ? exactly(value) : ({ state: 'failed' } as const))),
    );
    const resampling = { rng: createRng(1), strata: oneStratum(9), resamples: 500 };
    const [medians] = bootstrapQuantiles(poolWaves(waves), [0.5], resampling);
    expect(medians?.some((value) => value === Number.POSITIVE_INFINITY)).toBe(true);
    expect(medians?.some(Number.isFinite)).toBe(true);
  });
});
