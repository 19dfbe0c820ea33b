/** The percentiles of a series far into its tail, with intervals by resampling whole waves. */

import type { Wave } from '../../analyse/statistics/observation.ts';
import { minimumCount } from '../../analyse/statistics/order-statistic-interval.ts';
import { onceEach, pooledQuantiles } from '../../analyse/statistics/pooled-sample.ts';
import { quantileIntervals } from '../../analyse/statistics/sample-interval.ts';
import { prepareSample } from '../../analyse/statistics/summarise.ts';
import { type Spectrum, SPECTRUM_QUANTILES } from '../figures/percentiles.ts';
import type { Series } from '../figures/series.ts';

export function makeSpectrum(series: Series, label: string, seed: number): Spectrum {
  const waves = series.waves
    .filter(({ isWarmup }) => !isWarmup)
    .map(({ points }): Wave => points.map(({ outcome }) => outcome));
  const { sample } = prepareSample(
    waves.filter((wave) => wave.length > 0),
    { seed },
  );
  const { upper, worth } = sample;
  // What depends on a few of the waves is not carried, however many values they hold.
  const carried = SPECTRUM_QUANTILES.filter((q) => q <= 0.5 || worth >= minimumCount(q));
  const found = pooledQuantiles(upper, onceEach(upper), carried);
  const finite = carried.filter((_, i) => Number.isFinite(found[i]));
  const intervals = quantileIntervals(sample, finite);
  const points = finite.map((quantile, i) => {
    const seconds = found[i] as number;
    const { lo, hi } = intervals[i] ?? { lo: seconds, hi: seconds };
    return { quantile, seconds, lo, hi };
  });
  return { label, identity: series.identity, points };
}
