/** Stages as they were measured beside the same stages of the twin, wave by wave, for pictures. */

import type { MeasuredCase } from './measured-case.ts';
import type { Played } from './player.ts';
import { VALUES_LEAST } from './stage-figures.ts';
import { stageKey, type StageTimes, type StageWave } from './stage-times.ts';

export interface Overlay extends Omit<StageTimes, 'waves'> {
  readonly measured: readonly StageWave[];
  /** Of all simulations with the fitted constants, one after the other. */
  readonly twin: readonly StageWave[];
}

/** Of each stage that both have and that has enough values to have a shape. */
export function overlays(
  cases: readonly MeasuredCase[],
  played: readonly Played[],
): readonly Overlay[] {
  return cases.flatMap(({ stages }, i) => {
    const simulated = played.flatMap((each) => each.stages[i] ?? []);
    return stages.flatMap(({ waves: measured, ...names }) => {
      const key = stageKey(names);
      const twin = simulated.filter((each) => stageKey(each) === key).flatMap(({ waves }) => waves);
      const isDrawable = countValues(measured) >= VALUES_LEAST && countValues(twin) > 0;
      return isDrawable ? [{ ...names, measured, twin }] : [];
    });
  });
}

function countValues(waves: readonly StageWave[]): number {
  return waves.reduce((sum, { values }) => sum + values.length, 0);
}
