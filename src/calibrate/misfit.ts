/** How far what was played is from what was measured, and the step that would close the gap. */

import { jacobianOf, type Unknown } from './identify.ts';
import { normalMatrix, normalSide, solve } from './normal-equations.ts';
import type { Played, Player } from './player.ts';

/** What no model promises: a hundredth of a figure, and a millisecond. */
export const MODEL_SHARE = 0.01;
const LEAST_SECONDS = 0.001;

/** One over the variance of each figure; 0 where the simulation has none. */
export function weigh({ measured }: Player, played: Played): readonly number[] {
  return measured.map(({ value, error }, i) => {
    const own = played.errors[i] as number;
    if (!Number.isFinite(own)) return 0;
    return 1 / Math.hypot(error, own, MODEL_SHARE * value, LEAST_SECONDS) ** 2;
  });
}

/** By how much to move the logarithm of each unknown. */
export function step(
  player: Player,
  unknowns: readonly Unknown[],
  played: Played,
): readonly number[] {
  if (unknowns.length === 0) return [];
  const jacobian = jacobianOf(unknowns);
  const weights = weigh(player, played);
  const residuals = residualsOf(player, played);
  const delta = solve(normalMatrix(jacobian, weights), normalSide(jacobian, weights, residuals));
  return (delta ?? unknowns.map(() => 0)).map((each) =>
    Math.max(-STEP_MOST, Math.min(STEP_MOST, each)),
  );
}

function residualsOf({ measured }: Player, played: Played): readonly number[] {
  return measured.map(({ value }, i) => {
    const residual = value - (played.values[i] as number);
    return Number.isFinite(residual) ? residual : 0;
  });
}

/** Over the figures that some unknown moves; infinite where one of these is not played at all. */
export function costOf(player: Player, unknowns: readonly Unknown[], played: Played): number {
  const weights = weigh(player, played);
  return residualsOf(player, played).reduce((sum, residual, i) => {
    if (unknowns.every(({ column }) => column[i] === 0)) return sum;
    if (Number.isNaN(played.values[i])) return Number.POSITIVE_INFINITY;
    return sum + residual * residual * (weights[i] as number);
  }, 0);
}

/** No step moves a constant by more than a factor of 3. */
const STEP_MOST = Math.log(3);
