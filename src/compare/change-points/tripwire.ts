/**
 * The one-night alarm: is tonight's value outside what the nights of the level let us expect of one
 * more night? It answers on the night itself, where a change of level needs a few; it only ever
 * makes a SUSPECT. A prediction interval is not a confidence interval of the mean; it has to hold
 * one whole night's noise.
 */

import { tQuantile } from '../../analyse/statistics/distributions.ts';
import { robustLevel } from './robust-level.ts';

/** What the nights of a figure's level let us expect of one more of them. */
export interface Expectation {
  /** Nights that center and scatter rest on. */
  readonly n: number;
  /** On the scale of the tests: of logarithms where all values are positive. */
  readonly center: number;
  /** Standard deviation of one more night around the center. */
  readonly spread: number;
  readonly isLog: boolean;
  /** How far each settled night lay from the center, in spreads, oldest first. */
  readonly offsets: readonly number[];
}

export interface Tripwire {
  /** Nights that the expectation rests on. */
  readonly n: number;
  readonly center: number;
  /** Bounds of tonight's value, in its unit. */
  readonly lo: number;
  readonly hi: number;
}

/** Spreads from the center, 0 or more, on either side. */
export interface Reach {
  readonly below: number;
  readonly above: number;
}

const NO_REACH: Reach = { below: 0, above: 0 };

/** Nights that an expectation needs. */
const MIN_NIGHTS = 5;

/** Noise is never taken to be below 1 % of the level: identical nights would alarm on anything. */
export const LEAST_NOISE = 0.01;

/** Nights that the level and its scatter are taken from, and those that its tails are known by. */
const LEVEL_NIGHTS = 50;
const TAIL_NIGHTS = 100;

/** The newest nights tell nothing of a tail: they may be the first of a change. */
const UNSETTLED = 5;

/**
 * Center and spread of the nights' logarithms (of the values themselves where one is not positive).
 * Undefined on fewer than five nights.
 */
export function expectNight(nights: readonly number[]): Expectation | undefined {
  const tail = nights.slice(-TAIL_NIGHTS);
  const isLog = tail.every((value) => value > 0);
  const known = isLog ? tail.map(Math.log) : tail;
  const series = known.slice(-LEVEL_NIGHTS);
  const n = series.length;
  if (n < MIN_NIGHTS) return undefined;
  const level = Math.abs(series.reduce((sum, value) => sum + value, 0) / n);
  const { center, scatter } = robustLevel(series, isLog ? LEAST_NOISE : LEAST_NOISE * level);
  const spread = scatter * Math.sqrt(1 + 1 / n);
  const offsets = known.slice(0, -UNSETTLED).map((value) => (value - center) / spread);
  return { n, center, spread, isLog, offsets };
}

/**
 * Bounds of tonight's value. They lie as far out as the t quantile that holds for such a spread
 * (`alpha` is the chance of a false alarm on each side, a night), as any settled night of the
 * figure lay, and as `family` says of the figures of its nights.
 */
export function tripwire(
  { n, center, spread, isLog, offsets }: Expectation,
  alpha: number,
  family: Reach = NO_REACH,
): Tripwire {
  const normal = tQuantile(1 - alpha, degreesOfFreedom(n));
  const back = isLog ? Math.exp : (value: number) => value;
  const above = Math.max(normal, family.above, ...offsets);
  const below = Math.max(normal, family.below, ...offsets.map((offset) => -offset));
  return {
    n,
    center: back(center),
    lo: back(center - spread * below),
    hi: back(center + spread * above),
  };
}

/** The offsets by the numbers of their nights, of which `level` are those that were given. */
export function offsetsByNight(
  level: readonly number[],
  expectation: Expectation | undefined,
): ReadonlyMap<number, number> {
  const offsets = expectation?.offsets ?? [];
  const first = level.length - UNSETTLED - offsets.length;
  return new Map(offsets.map((offset, i) => [level[first + i] as number, offset]));
}

/**
 * How far out the figures of a family go where nothing is wrong: as far as the farthest figure of
 * the worst of their nights did. No distribution is assumed: chance alone takes one of them farther
 * on one night in a hundred, of a hundred nights. `figures`: the offsets of each, by the number of
 * their night.
 */
export function familyReach(figures: readonly ReadonlyMap<number, number>[]): Reach {
  return { above: farthest(figures, 1), below: farthest(figures, -1) };
}

/** One broken night would blind the alarm for a hundred: it counts for so many times the second. */
const MOST_OF_SECOND = 1.5;

function farthest(figures: readonly ReadonlyMap<number, number>[], side: 1 | -1): number {
  const ofNights = new Map<number, number>();
  for (const offsets of figures) {
    for (const [night, offset] of offsets) {
      ofNights.set(night, Math.max(ofNights.get(night) ?? 0, side * offset));
    }
  }
  const [worst = 0, second = 0] = [...ofNights.values()].sort((a, b) => b - a);
  return Math.min(worst, MOST_OF_SECOND * second);
}

/**
 * The t distribution that one more normal night over the robust scatter of n nights follows in its
 * tails, from 1 % to 0.01 %: by simulation, which `npm run detector` repeats.
 */
function degreesOfFreedom(n: number): number {
  return n - 2.5;
}
