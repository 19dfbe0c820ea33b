/** The percentiles of a series far into its tail, with intervals by resampling whole waves. */

import type { Wave } from '../../analyse/statistics/observation.ts';
import { onceEach, pooledQuantiles, poolWaves } from '../../analyse/statistics/pooled-sample.ts';
import { quantileIntervals } from '../../analyse/statistics/sample-interval.ts';
import { waveTrend } from '../../analyse/statistics/wave-trend.ts';
import { quantilesPerWave } from '../../analyse/statistics/sample-interval.ts';
import { createRng } from '../../core/rng.ts';
import { type Spectrum, SPECTRUM_QUANTILES } from '../figures/percentiles.ts';
import type { Series } from '../figures/series.ts';

/** Fewer than for the headline: the band is looked at, not quoted. */
const RESAMPLES = 400;

const LEVEL = 0.95;

export function makeSpectrum(series: Series, label: string, seed: number): Spectrum {
  const waves = series.waves
    .filter(({ isWarmup }) => !isWarmup)
    .map(({ points }): Wave => points.map(({ outcome }) => outcome));
  const upper = poolWaves(waves);
  const n = upper.values.length;
  const carried = SPECTRUM_QUANTILES.filter((q) => q <= 1 - 1 / n);
  const found = pooledQuantiles(upper, onceEach(upper), carried);
  const finite = carried.filter((_, i) => Number.isFinite(found[i]));
  const medians = quantilesPerWave(upper, [0.5]).map(([median]) => median as number);
  const intervals = quantileIntervals(
    {
      waves,
      upper,
      lower: upper,
      isIndependent: waves.every((wave) => wave.length === 1),
      isTrending: medians.length >= 20 && waveTrend(medians) !== undefined,
      level: LEVEL,
      resamples: RESAMPLES,
      rng: createRng(seed).fork(`spectrum/${series.name}`),
    },
    finite,
  );
  const points = finite.map((quantile, i) => {
    const seconds = found[i] as number;
    const { lo, hi } = intervals[i] ?? { lo: seconds, hi: seconds };
    return { quantile, seconds, lo, hi };
  });
  return { label, identity: series.identity, points };
}
