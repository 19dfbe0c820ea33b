/**
 * What of a stage's times a fit goes by: its mean, the shape that tells a queue from a fixed time,
 * and how much longer it takes who asks late in a wave: a queue, where the others may be chance.
 * Each figure has the scatter that another run of the same cluster would give it.
 */

import { meanOf } from '../analyse/statistics/mean.ts';
import { quantileSorted } from '../analyse/statistics/quantile.ts';
import type { Rng } from '../core/rng.ts';
import { stageKey, type StageTimes } from './stage-times.ts';

const SHAPE = [0.1, 0.5, 0.9] as const;

/** Which waves of a stage count. */
export type PickWaves = (stage: StageTimes) => readonly StageTimes['waves'][number][];

export interface StageFigures {
  readonly key: string;
  readonly stage: Omit<StageTimes, 'waves'>;
  readonly n: number;
  readonly missing: number;
  /** What each of the values is. */
  readonly names: readonly FigureName[];
  /** Seconds. */
  readonly values: readonly number[];
  /** Standard error of each. */
  readonly errors: readonly number[];
  /** The values again, of so many samples drawn from this one: how they vary, and together. */
  readonly resampled: readonly (readonly number[])[];
}

export type FigureName = (typeof FIGURE_NAMES)[number];

/** `rise`: by how much the last third of a wave takes longer than the first. */
export const FIGURE_NAMES = ['mean', 'p10', 'p50', 'p90', 'rise'] as const;

export const RESAMPLES = 100;

/** So few values have no shape, and their scatter is not known. */
export const VALUES_LEAST = 10;

/** Figures of each stage that has enough values, with their scatter by resampling within waves. */
export function stageFigures(
  stages: readonly StageTimes[],
  pick: PickWaves,
  rng: Rng,
): readonly StageFigures[] {
  return stages.flatMap((times) => {
    const { waves: _, ...stage } = times;
    const waves = pick(times);
    const values = waves.map((wave) => wave.values);
    const all = values.flat();
    const n = all.length;
    if (n < VALUES_LEAST) return [];
    const key = stageKey(stage);
    const dice = rng.fork(key);
    const resampled = Array.from({ length: RESAMPLES }, () =>
      figures(values.map((wave) => resampledWave(wave, all, dice))),
    );
    return {
      key,
      stage,
      n,
      missing: waves.reduce((sum, { missing }) => sum + missing, 0),
      names: FIGURE_NAMES,
      values: figures(values),
      errors: FIGURE_NAMES.map((_name, i) => deviation(resampled.map((each) => each[i] as number))),
      resampled,
    };
  });
}

const THIRDS = 3;
/** Few values, drawn anew, vary less than what they are of: the variance by 1 in so many. */
const GROUP_LEAST = 8;

/**
 * Each place of a wave gets a value of its third, so that who is late stays late; where that is too
 * few, one of its wave, which takes a ramp for scatter, and where that is, one of any wave.
 */
function resampledWave(
  wave: readonly number[],
  all: readonly number[],
  dice: Rng,
): readonly number[] {
  if (wave.length < GROUP_LEAST) return wave.map(() => drawn(all, dice));
  const parts = wave.length < THIRDS * GROUP_LEAST ? 1 : THIRDS;
  const ends = Array.from({ length: parts + 1 }, (_, i) => Math.round((i * wave.length) / parts));
  return ends.slice(1).flatMap((end, i) => {
    const group = wave.slice(ends[i], end);
    return group.map(() => drawn(group, dice));
  });
}

function drawn(values: readonly number[], dice: Rng): number {
  return values[dice.integer(values.length)] as number;
}

function figures(waves: readonly (readonly number[])[]): readonly number[] {
  const sorted = Float64Array.from(waves.flat()).sort();
  return [meanOf(sorted), ...SHAPE.map((q) => quantileSorted(sorted, q, 7)), rise(waves)];
}

/** 0 where no wave has a first third and a last. */
function rise(waves: readonly (readonly number[])[]): number {
  const long = waves.filter((wave) => wave.length >= THIRDS);
  const third = (wave: readonly number[]) => Math.round(wave.length / THIRDS);
  const first = long.flatMap((wave) => wave.slice(0, third(wave)));
  const last = long.flatMap((wave) => wave.slice(-third(wave)));
  return long.length === 0 ? 0 : meanOf(last) - meanOf(first);
}

/** Standard deviation. */
export function deviation(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
