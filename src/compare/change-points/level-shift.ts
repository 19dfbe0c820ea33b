/**
 * Have the last nights left their level? The last 3, 4, 5 ... nights are each held against the
 * nights before them; the likeliest of these stretches is the candidate. What a reader would get
 * wrong: its p-value comes from a search over stretches and is corrected for that search, but
 * neither for the other figures of the night nor for all the nights on which one has looked.
 */

import { tTwoSidedP } from '../../analyse/statistics/distributions.ts';
import { residualAutocorrelation } from './autocorrelation.ts';
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

/** Stretches of the newest nights that are looked at; three nights are the fewest that confirm. */
const STRETCHES: readonly number[] = [3, 4, 5, 6, 8, 10, 13, 17, 22, 28, 36];

/** The stretches overlap: all of them are worth so many independent looks (by simulation). */
const LOOKS = 4;

/** Nights that a level must rest on before it can be left, and the most that it rests on. */
export const LEAST_LEVEL = 8;
export const MOST_LEVEL = 50;

const NEW_CLIP = 3;

/** Less than this is no candidate for anything. */
const LEAST_T = 2.5;

/**
 * The clearest shift at the end of `series` (on the scale of the tests), of a size for which
 * `isLarge`; undefined where there is none or too few nights. `least` as in robustLevel.
 */
export function latestShift(
  series: readonly number[],
  least: number,
  isLarge: (before: number, after: number) => boolean,
): LevelShift | undefined {
  let best: LevelShift | undefined;
  for (const nights of STRETCHES) {
    const index = series.length - nights;
    if (index < LEAST_LEVEL) break;
    const shift = shiftAt(series, index, least);
    if (shift === undefined || !isLarge(shift.before.center, shift.after)) continue;
    if (best === undefined || shift.p < best.p) best = shift;
  }
  return best;
}

function shiftAt(series: readonly number[], index: number, least: number): LevelShift | undefined {
  const nights = series.slice(Math.max(0, index - MOST_LEVEL), index);
  const before = robustLevel(nights, least);
  const after = series.slice(index);
  let sum = 0;
  for (const value of after) sum += clipped((value - before.center) / before.scatter, NEW_CLIP);
  const alone = sum / Math.sqrt(after.length * (1 + after.length / before.n));
  if (Math.abs(alone) < LEAST_T) return undefined;
  const t = alone / Math.sqrt(dependence(nights));
  return {
    index,
    p: Math.min(1, LOOKS * tTwoSidedP(t, degreesOfFreedom(before.n))),
    before,
    after: robustLevel(after, least).center,
  };
}

/**
 * Of t for a mean of clipped nights over the robust scatter of n: at n = 8 to 50 the chance of
 * exceeding it then is as stated from 1 % to 0.01 % (by simulation, `npm run detector`).
 */
export function degreesOfFreedom(n: number): number {
  return 2 * n - 2;
}

/** By how much nights that follow each other inflate the variance of a mean; at least 1. */
function dependence(nights: readonly number[]): number {
  const found = residualAutocorrelation(nights, []) ?? 0;
  // What chance alone makes of independent nights is no dependence.
  const sure = Math.min(0.9, Math.max(0, found - 2 / Math.sqrt(nights.length)));
  return (1 + sure) / (1 - sure);
}
