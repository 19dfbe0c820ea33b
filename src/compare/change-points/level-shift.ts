/**
 * Have the last nights left their level? The last 3, 4, 5 ... nights are each held against the
 * nights before them; the likeliest of these stretches is the candidate. Its p-value comes from a
 * search over stretches and is corrected for that search, but neither for the other figures of the
 * night nor for all the nights on which one has looked.
 */

import { tTwoSidedP } from '../../analyse/statistics/distributions.ts';
import type { NightHabits } from './night-habits.ts';
import { clipped, robustLevel, type RobustLevel } from './robust-level.ts';

export interface LevelShift {
  /** Index of the first night of the new level. */
  readonly index: number;
  /** Two-sided, after the search over stretches. */
  readonly p: number;
  readonly before: RobustLevel;
  /** Mean of the new nights on the scale of the series, odd ones held back. */
  readonly after: number;
}

/** Two odd nights may be chance; three in a row at the new level are the fewest that confirm. */
const FEWEST = 3;

/** Stretches of the newest nights that are looked at. */
const STRETCHES: readonly number[] = [FEWEST, 4, 5, 6, 8, 10, 13, 17, 22, 28, 36];

/**
 * The stretches overlap: all of them are worth so many independent looks (by simulation). A change
 * that anybody would act on is seldom as old as the long ones without having been told, so these
 * count for more: as the square root of their nights, the looks being those of `EVEN` nights.
 */
const LOOKS = 4;
const EVEN = 5;

/** Nights that a level must rest on before it can be left, and the most that it rests on. */
const LEAST_LEVEL = 8;
export const MOST_LEVEL = 100;

/** Nights that are looked at altogether. */
export const MOST_NIGHTS = MOST_LEVEL + Math.max(...STRETCHES);

/** How the nights scatter, by what is known beside the series itself. */
export interface Scatter {
  /** The scatter of a night is never taken to be smaller. */
  readonly least: number;
  /** Nights of the level before this one that this was learned from; 0 where there was none. */
  readonly nights: number;
  readonly habits: NightHabits;
}

const NEW_CLIP = 3;

/** Less than this is no candidate for anything. */
const LEAST_T = 2.5;

/**
 * The clearest shift at the end of `series` (on the scale of the tests), of a size for which
 * `isLarge`; undefined where there is none or too few nights. A young level can be left as soon as
 * an old one where the scatter is known from the level before it.
 */
export function latestShift(
  series: readonly number[],
  scatter: Scatter,
  isLarge: (before: number, after: number) => boolean,
): LevelShift | undefined {
  let best: LevelShift | undefined;
  for (const nights of STRETCHES) {
    const index = series.length - nights;
    if (index < (scatter.nights >= LEAST_LEVEL ? FEWEST : LEAST_LEVEL)) break;
    const shift = shiftAt(series, index, scatter);
    if (shift === undefined || !isLarge(shift.before.center, shift.after)) continue;
    if (best === undefined || shift.p < best.p) best = shift;
  }
  if (best === undefined) return undefined;
  const index = firstNight(series, best);
  return series.length - index < FEWEST ? undefined : { ...best, index };
}

/** Nights around the best stretch's beginning among which the first night is looked for. */
const NEAR = 4;

/**
 * The night from which on the values are nearer to the new level than to the old one: the split
 * with the least sum of distances.
 */
function firstNight(series: readonly number[], { index, before, after }: LevelShift): number {
  let best = index;
  let gain = 0;
  let least = 0;
  // How much nearer each night is to the new level: a night moved before the split loses that.
  const nearer = (night: number) => {
    const value = series[night] as number;
    return Math.abs(value - before.center) - Math.abs(value - after);
  };
  for (let night = index - 1; night >= Math.max(1, index - NEAR); night--) {
    gain += nearer(night);
    if (gain > least) [best, least] = [night, gain];
  }
  gain = 0;
  for (let night = index; night < Math.min(series.length - 1, index + NEAR); night++) {
    gain -= nearer(night);
    if (gain > least) [best, least] = [night + 1, gain];
  }
  return best;
}

function shiftAt(
  series: readonly number[],
  index: number,
  scatter: Scatter,
): LevelShift | undefined {
  const nights = series.slice(Math.max(0, index - MOST_LEVEL), index);
  const before = robustLevel(nights, scatter.least);
  const after = series.slice(index);
  const offset = (value: number) => (value - before.center) / before.scatter;
  const scores = after.map((value) => clipped(offset(value), NEW_CLIP));
  const side = Math.sign(scores.reduce((sum, score) => sum + score, 0));
  const towards = scores.map((score) => side * score).sort((a, b) => a - b);
  if (tOf(towards, before.n, 0) < LEAST_T) return undefined;
  const { correlation, above, below } = scatter.habits;
  const df = degreesOfFreedom(Math.max(before.n, scatter.nights));
  const p = chanceOf(towards, side > 0 ? above : below, (rest) =>
    tTwoSidedP(tOf(rest, before.n, correlation), df),
  );
  return {
    index,
    p: Math.min(1, LOOKS * Math.sqrt(after.length / EVEN) * p),
    before,
    after: robustLevel(after, scatter.least).center,
  };
}

/** The most odd nights that are allowed for. */
const MOST_ODD = 3;

/**
 * The chance of new nights so far off where the share `odd` of all nights is: some of them may be
 * odd, and it is for the others to tell. `towards` ascending.
 */
function chanceOf(
  towards: readonly number[],
  odd: number,
  chance: (rest: readonly number[]) => number,
): number {
  let all = 0;
  let ways = 1;
  for (let some = 0; some <= Math.min(MOST_ODD, towards.length); some++) {
    const rest = towards.slice(0, towards.length - some);
    all += ways * (rest.length === 0 ? 1 : chance(rest));
    ways *= (odd * (towards.length - some)) / (some + 1);
    if (ways === 0) break;
  }
  return all;
}

/** Of the mean of new nights over that of n, on the scale of one night; never below 0. */
function tOf(towards: readonly number[], n: number, correlation: number): number {
  const count = towards.length;
  const sum = towards.reduce((total, score) => total + score, 0);
  const variance = inflation(count, correlation) / count + inflation(n, correlation) / n;
  return Math.max(0, sum / count / Math.sqrt(variance));
}

/**
 * Of t for a mean of clipped nights over the robust scatter of n: at n = 8 to 100 the chance of
 * exceeding it then is as stated from 1 % to 0.01 % (by simulation, `npm run detector`).
 */
function degreesOfFreedom(n: number): number {
  return 2 * n - 2;
}

/** By how much nights that follow each other inflate the variance of the mean of some (AR(1)). */
function inflation(nights: number, correlation: number): number {
  const r = correlation;
  if (r === 0) return 1;
  return (1 + r) / (1 - r) - (2 * r * (1 - r ** nights)) / (nights * (1 - r) ** 2);
}
