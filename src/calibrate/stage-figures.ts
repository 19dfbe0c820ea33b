/**
 * What of a stage's times a fit goes by: its mean, and the shape that tells a queue from a fixed
 * time. Each figure has the scatter that another run of the same cluster would give it.
 */

import { quantileSorted } from '../analyse/statistics/quantile.ts';
import type { Rng } from '../core/rng.ts';
import { stageKey, type StageTimes } from './stage-times.ts';

const SHAPE = [0.1, 0.5, 0.9] as const;

/** Which waves of a stage count. */
export type PickWaves = (stage: StageTimes) => readonly StageTimes['waves'][number][];

export interface StageFigures {
  readonly key: string;
  readonly stage: StageTimes;
  readonly n: number;
  readonly missing: number;
  /** Mean, then the quantiles of SHAPE; seconds. */
  readonly values: readonly number[];
  /** Standard error of each. */
  readonly errors: readonly number[];
  /** The values again, of so many samples drawn from this one: how they vary, and together. */
  readonly resampled: readonly (readonly number[])[];
}

export const FIGURE_NAMES = ['mean', 'p10', 'p50', 'p90'] as const;

export const RESAMPLES = 100;

/** So few values have no shape, and their scatter is not known. */
export const VALUES_LEAST = 10;

/** Figures of each stage that has enough values, with their scatter by resampling within waves. */
export function stageFigures(
  stages: readonly StageTimes[],
  pick: PickWaves,
  rng: Rng,
): readonly StageFigures[] {
  return stages.flatMap((stage) => {
    const waves = pick(stage);
    const values = waves.map((wave) => wave.values);
    const n = values.flat().length;
    if (n < VALUES_LEAST) return [];
    const key = stageKey(stage);
    const dice = rng.fork(key);
    const resampled = Array.from({ length: RESAMPLES }, () =>
      figures(values.map((wave) => wave.map(() => wave[dice.integer(wave.length)] as number))),
    );
    return {
      key,
      stage,
      n,
      missing: waves.reduce((sum, { missing }) => sum + missing, 0),
      values: figures(values),
      errors: FIGURE_NAMES.map((_, i) => deviation(resampled.map((each) => each[i] as number))),
      resampled,
    };
  });
}

function figures(waves: readonly (readonly number[])[]): readonly number[] {
  const sorted = Float64Array.from(waves.flat()).sort();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return [mean, ...SHAPE.map((q) => quantileSorted(sorted, q, 7))];
}

/** Standard deviation. */
export function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
