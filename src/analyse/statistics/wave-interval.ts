/**
 * Which interval a number of waves can carry (reference: coverage simulations in coverage.test.ts).
 * Fewer than 8 waves carry none. From 20 the wave bootstrap serves. Between, it is too short, so
 * the t interval over waves, exact if wave effects are normal, is computed too and the wider one
 * taken.
 */

import { sampleStandardDeviation } from 'simple-statistics';
import { tQuantile } from './distributions.ts';
import { UNBOUNDED, type Interval } from './estimate.ts';

/** Below this many waves a pooled interval is refused. */
export const MIN_WAVES = 8;

/** From this many waves the bootstrap stands alone. */
export const PLENTY_OF_WAVES = 20;

/**
 * `interval` from the bootstrap, or the t interval over `perWave` where waves are few and it is
 * wider.
 */
export function widerWhereWavesAreFew(
  interval: Interval,
  value: number,
  perWave: readonly number[],
  level = 0.95,
): Interval {
  if (perWave.length < MIN_WAVES) return UNBOUNDED;
  if (perWave.length >= PLENTY_OF_WAVES) return interval;
  return wider(interval, tIntervalOverWaves(value, perWave, level));
}

/**
 * The t(W - 1) interval of one statistic per wave, on the log scale (linear where a value is not
 * positive), laid around the pooled `value`, so that both intervals speak of the same thing.
 */
export function tIntervalOverWaves(
  value: number,
  perWave: readonly number[],
  level = 0.95,
): Interval {
  if (perWave.length < 2 || !perWave.every(Number.isFinite)) return UNBOUNDED;
  const isLog = value > 0 && perWave.every((each) => each > 0);
  const spread = tHalfWidth(isLog ? perWave.map(Math.log) : perWave, level);
  return isLog
    ? { lo: value * Math.exp(-spread), hi: value * Math.exp(spread) }
    : { lo: value - spread, hi: value + spread };
}

/** Half the width of the t interval of a mean of independent normal values. */
export function tHalfWidth(values: readonly number[], level = 0.95): number {
  const deviation = sampleStandardDeviation(values as number[]);
  return (tQuantile(0.5 + level / 2, values.length - 1) * deviation) / Math.sqrt(values.length);
}

/** The longer of two intervals; the second where neither is shorter. */
export function wider(a: Interval, b: Interval): Interval {
  return a.hi - a.lo > b.hi - b.lo ? a : b;
}
