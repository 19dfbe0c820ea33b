/**
 * What the twin predicts of the waves that it was not fitted to. The error that it is found to have
 * there, with the scatter of so few waves, is the doubt that its later predictions are given.
 */

import { ascending, quantileSorted } from '../analyse/statistics/quantile.ts';
import type { Rng } from '../core/rng.ts';
import { type MeasuredCase, predictedWaves } from './measured-case.ts';
import type { Played } from './player.ts';
import { deviation, RESAMPLES, VALUES_LEAST } from './stage-figures.ts';
import { isWhole, stageKey, type StageTimes } from './stage-times.ts';

export interface HeldOut extends Omit<StageTimes, 'waves'> {
  readonly n: number;
  readonly predictions: readonly Prediction[];
}

export interface Prediction {
  readonly percentile: 50 | 95;
  /** Seconds. */
  readonly measured: number;
  readonly predicted: number;
  /** Of the measured one: how far off the prediction may be, its scatter included. */
  readonly within: number;
}

const PERCENTILES = [50, 95] as const;
const Z_95 = 1.96;

export function heldOut(
  cases: readonly MeasuredCase[],
  played: readonly Played[],
  rng: Rng,
): readonly HeldOut[] {
  return cases.flatMap(({ stages, held }, i) => {
    const pick = predictedWaves(held);
    const predicted = played.flatMap((each) => each.stages[i] ?? []);
    return stages
      .filter(({ stage }) => isWhole(stage))
      .flatMap((stage) => {
        const key = stageKey(stage);
        const values = valuesOf([stage], pick);
        const twin = predicted.filter((each) => stageKey(each) === key);
        const simulated = valuesOf(twin, pick);
        if (values.length < VALUES_LEAST || simulated.length === 0) return [];
        const { waves: _, ...names } = stage;
        const dice = rng.fork(key);
        const predictions = PERCENTILES.map((p) => prediction(p, values, simulated, dice));
        return { ...names, n: values.length, predictions };
      });
  });
}

/** By metric: the widest doubt of its percentiles. */
export function doubts(rows: readonly HeldOut[]): Readonly<Record<string, number>> {
  const widest: Record<string, number> = {};
  for (const { stage, predictions } of rows) {
    const most = Math.max(...predictions.map(({ within }) => within));
    widest[stage] = Math.max(widest[stage] ?? 0, most);
  }
  return widest;
}

function valuesOf(
  stages: readonly StageTimes[],
  pick: (stage: StageTimes) => readonly { readonly values: readonly number[] }[],
): readonly number[] {
  return stages.flatMap((stage) => pick(stage).flatMap(({ values }) => values));
}

function prediction(
  percentile: 50 | 95,
  values: readonly number[],
  simulated: readonly number[],
  dice: Rng,
): Prediction {
  const quantile = (of: readonly number[]) => quantileSorted(ascending(of), percentile / 100);
  const measured = quantile(values);
  const predicted = quantile(simulated);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    quantile(values.map(() => values[dice.integer(values.length)] as number)),
  );
  const error = Math.abs(predicted - measured) + Z_95 * deviation(resampled);
  return { percentile, measured, predicted, within: error / measured };
}
