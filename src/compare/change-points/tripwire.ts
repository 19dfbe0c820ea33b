/**
 * The one-night alarm: is tonight's value outside what the nights of the level let us expect of one
 * more night? It answers on the night itself, where a change of level needs a few; it only ever
 * makes a SUSPECT. What a reader would get wrong: a prediction interval is not a confidence
 * interval of the mean; it has to hold one whole night's noise.
 */

import { tQuantile } from '../../analyse/statistics/distributions.ts';
import { robustLevel } from './robust-level.ts';

export interface Tripwire {
  /** Nights that the expectation rests on. */
  readonly n: number;
  readonly center: number;
  /** Bounds of tonight's value, in its unit. */
  readonly lo: number;
  readonly hi: number;
}

/** Nights that an expectation needs. */
const MIN_NIGHTS = 5;

/** Noise is never taken to be below 1 % of the level: identical nights would alarm on anything. */
export const LEAST_NOISE = 0.01;

/** Nights that the level and its scatter are taken from, and those that its tails are known by. */
const LEVEL_NIGHTS = 50;
const TAIL_NIGHTS = 100;

/**
 * Some figures have tails of their own. Tonight must lie farther out than any night of the level
 * did; and where two of these lay outside, so many times as far as the second.
 */
const FARTHER = 2;

/** The newest nights tell nothing of a tail: they may be the first of a change. */
const UNSETTLED = 5;

/**
 * Center and scatter of the nights' logarithms (of the values themselves where one is not positive)
 * with the t quantile that holds for such a scatter. `alpha` is the chance of a false alarm on each
 * side, a night. Undefined on fewer than five nights.
 */
export function tripwire(nights: readonly number[], alpha = 0.001): Tripwire | undefined {
  const tail = nights.slice(-TAIL_NIGHTS);
  const isLog = tail.every((value) => value > 0);
  const known = isLog ? tail.map(Math.log) : tail;
  const series = known.slice(-LEVEL_NIGHTS);
  const n = series.length;
  if (n < MIN_NIGHTS) return undefined;
  const level = Math.abs(series.reduce((sum, value) => sum + value, 0) / n);
  const { center, scatter } = robustLevel(series, isLog ? LEAST_NOISE : LEAST_NOISE * level);
  const spread = scatter * Math.sqrt(1 + 1 / n);
  const reach = tQuantile(1 - alpha, degreesOfFreedom(n)) * spread;
  const back = isLog ? Math.exp : (value: number) => value;
  const beyond = (side: 1 | -1) => {
    const settled = known.slice(0, -UNSETTLED);
    const away = settled.map((value) => side * (value - center)).sort((a, b) => b - a);
    const [first = 0, second = 0] = away;
    return Math.max(reach, first, second > reach ? FARTHER * second : 0);
  };
  return {
    n,
    center: back(center),
    lo: back(center - beyond(-1)),
    hi: back(center + beyond(1)),
  };
}

/**
 * The t distribution that one more normal night over the robust scatter of n nights follows in its
 * tails, from 1 % to 0.01 %: by simulation, which `npm run detector` repeats.
 */
function degreesOfFreedom(n: number): number {
  return n - 2.5;
}
