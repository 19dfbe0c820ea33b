/**
 * Interval of a ratio of two means without resampling (Fieller, 1954), with wave means as the
 * observations. A check on the bootstrap, and the place where a ratio without bounds shows itself.
 */

import { mean, sampleVariance } from 'simple-statistics';
import { tQuantile } from './distributions.ts';
import { UNBOUNDED, type Interval } from './estimate.ts';

/**
 * Of mean(numerator) / mean(denominator); independent values, at least two on each side. Unbounded
 * where the denominator's mean is not distinguishable from 0 (g >= 1).
 */
export function fiellerInterval(
  numerator: readonly number[],
  denominator: readonly number[],
  level = 0.95,
): Interval {
  const t = tQuantile(0.5 + level / 2, numerator.length + denominator.length - 2);
  const below = mean(denominator as number[]);
  const ratio = mean(numerator as number[]) / below;
  const varianceAbove = sampleVariance(numerator as number[]) / numerator.length;
  const varianceBelow = sampleVariance(denominator as number[]) / denominator.length;
  const g = (t * t * varianceBelow) / (below * below);
  if (g >= 1) return UNBOUNDED;
  const inside = varianceAbove + ratio * ratio * varianceBelow - g * varianceAbove;
  const center = ratio / (1 - g);
  const reach = (t / (Math.abs(below) * (1 - g))) * Math.sqrt(Math.max(0, inside));
  return { lo: center - reach, hi: center + reach };
}
