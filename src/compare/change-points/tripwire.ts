/**
 * The one-night alarm: is tonight's value outside what the last stable stretch lets us expect of
 * one more night? It answers on the night itself, where a change point needs a few; it only ever
 * makes a SUSPECT. What a reader would get wrong: a prediction interval is not a confidence
 * interval of the mean; it has to hold one whole night's noise.
 */

import { median, medianAbsoluteDeviation } from 'simple-statistics';
import { mean, sampleStandardDeviation } from 'simple-statistics';
import { tQuantile } from '../../analyse/statistics/distributions.ts';

export interface TripwireOptions {
  /** `classic`: mean and standard deviation. `robust`: median and 1.4826 MAD. */
  readonly kind: 'classic' | 'robust';
  /** Chance of a false alarm on each side, a night. */
  readonly alpha: number;
}

const TRIPWIRE: TripwireOptions = { kind: 'robust', alpha: 0.001 };

export interface Tripwire {
  /** Nights that the expectation rests on. */
  readonly n: number;
  readonly center: number;
  /** Bounds of tonight's value, in its unit. */
  readonly lo: number;
  readonly hi: number;
}

/** Nights that a stretch must have, and the most that are looked back on. */
const MIN_NIGHTS = 3;
const MAX_NIGHTS = 50;

/** 1.4826 MAD is the standard deviation of a normal distribution. */
const MAD_TO_DEVIATION = 1.4826;

/** Noise is never taken to be below 1 % of the level: identical nights would alarm on anything. */
const LEAST_NOISE = 0.01;

/** The nights since the last change point (`starts` ascending), at most the newest 50. */
export function stableStretch(values: readonly number[], starts: readonly number[]): number[] {
  return values.slice(starts.at(-1) ?? 0).slice(-MAX_NIGHTS);
}

/**
 * m +- t(n - 1, 1 - alpha) s sqrt(1 + 1/n) on the logarithms (the values themselves where one is
 * not positive). Undefined on fewer than three nights.
 */
export function tripwire(
  stretch: readonly number[],
  { kind, alpha }: TripwireOptions = TRIPWIRE,
): Tripwire | undefined {
  const n = stretch.length;
  if (n < MIN_NIGHTS) return undefined;
  const isLog = stretch.every((value) => value > 0);
  const series = isLog ? stretch.map(Math.log) : [...stretch];
  const center = kind === 'robust' ? median(series) : mean(series);
  const least = isLog ? LEAST_NOISE : LEAST_NOISE * Math.abs(center);
  const noise = Math.max(least, deviation(series, kind));
  const reach = tQuantile(1 - alpha, n - 1) * noise * Math.sqrt(1 + 1 / n);
  const back = isLog ? Math.exp : (value: number) => value;
  return { n, center: back(center), lo: back(center - reach), hi: back(center + reach) };
}

function deviation(series: number[], kind: TripwireOptions['kind']): number {
  return kind === 'robust'
    ? MAD_TO_DEVIATION * medianAbsoluteDeviation(series)
    : sampleStandardDeviation(series);
}
