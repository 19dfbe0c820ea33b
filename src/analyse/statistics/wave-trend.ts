/**
 * Whether waves get slower (or faster) as the run goes on. If they do, they are not exchangeable,
 * and an interval from resampling all of them alike would count the trend as noise.
 */

import { theilSen } from './theil-sen.ts';

export interface WaveTrend {
  /** Change from one wave to the next, as a share: 0.01 is one per cent slower each wave. */
  readonly perWave: number;
  readonly lo: number;
  readonly hi: number;
}

/** Strict, since the trend is looked for in every sample: one false finding in a hundred. */
export const TREND_LEVEL = 0.99;

/**
 * The Theil-Sen slope of the logarithm of one statistic per wave, in order of release; undefined
 * where the interval holds 0, or a value is not positive and finite.
 */
export function waveTrend(perWave: readonly number[]): WaveTrend | undefined {
  const slope = waveSlope(perWave);
  return slope === undefined || (slope.lo <= 0 && slope.hi >= 0) ? undefined : slope;
}

/** The same, also where its interval holds 0; infinite where there are too few waves. */
export function waveSlope(perWave: readonly number[]): WaveTrend | undefined {
  if (!perWave.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  const order = perWave.map((_, wave) => wave);
  const line = theilSen(order, perWave.map(Math.log), TREND_LEVEL);
  if (line === undefined) return undefined;
  const { lo, hi } = line.interval;
  return { perWave: Math.expm1(line.slope), lo: Math.expm1(lo), hi: Math.expm1(hi) };
}
