/**
 * The level of some nights and how much one night scatters around it, so that a few odd nights move
 * neither. The scatter is never taken from the median absolute deviation alone. On a figure that
 * moves in steps of a grid most nights are equal, that deviation is 0, and every other night would
 * be an alarm; so the spread from the 10th to the 90th percentile counts too, and the grid itself,
 * and what each night says of its own doubt.
 */

export interface RobustLevel {
  readonly n: number;
  /** Mean of the nights, none counting as further off than `CLIP` times the scatter. */
  readonly center: number;
  /** Standard deviation of one night. */
  readonly scatter: number;
}

/** A night counts as at most this many times the scatter from the level. */
const CLIP = 2.5;

/** Where residuals stop counting towards the scatter (tau scale of Yohai and Zamar, 1988). */
const TAU_CLIP = 3;

/** 1.4826 MAD, and the 10th to the 90th percentile over 2.563, are the deviation of a normal. */
const MAD_TO_DEVIATION = 1.4826;
const DECILES_TO_DEVIATION = 1 / 2.5631;

/** Values closer than this share of their spread are one value. */
const SAME = 1e-9;

/** The nights that a scatter is taken from must have so many values for a grid to be seen. */
const FEW_VALUES = 0.5;

/** `least`: the scatter is never taken to be smaller. At least one value. */
export function robustLevel(values: ArrayLike<number>, least: number): RobustLevel {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const middle = between(sorted, 0.5);
  const away = sorted.map((value) => Math.abs(value - middle)).sort();
  const grid = gridOf(sorted);
  const deciles = grid === 0 ? 0 : between(sorted, 0.9) - between(sorted, 0.1);
  const scatter = Math.max(least, tauScale(away), DECILES_TO_DEVIATION * deciles, grid / 2);
  let offsets = 0;
  for (const value of sorted) offsets += clipped((value - middle) / scatter);
  return { n, center: middle + (scatter * offsets) / n, scatter };
}

export function clipped(offset: number, at = CLIP): number {
  return Math.max(-at, Math.min(at, offset));
}

/** From the ascending distances to the median; 0 where most of these are. */
function tauScale(away: Float64Array): number {
  const deviation = MAD_TO_DEVIATION * between(away, 0.5);
  if (deviation === 0) return 0;
  let squares = 0;
  for (const each of away) squares += Math.min(TAU_CLIP, each / deviation) ** 2;
  return deviation * Math.sqrt(squares / away.length);
}

/** Linear between ranks: with few nights no single one of them is a tail. */
function between(sorted: Float64Array, q: number): number {
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const lower = sorted[below] as number;
  const upper = sorted[below + 1] ?? lower;
  return lower + (rank - below) * (upper - lower);
}

/** The smallest step between values, where so many are equal that it is one; else 0. */
function gridOf(sorted: Float64Array): number {
  const first = sorted[0] as number;
  const spread = (sorted.at(-1) as number) - first;
  if (spread === 0) return 0;
  let step = spread;
  let distinct = 1;
  for (let i = 1; i < sorted.length; i++) {
    const gap = (sorted[i] as number) - (sorted[i - 1] as number);
    if (gap <= SAME * spread) continue;
    distinct += 1;
    step = Math.min(step, gap);
  }
  return distinct <= FEW_VALUES * sorted.length ? step : 0;
}
