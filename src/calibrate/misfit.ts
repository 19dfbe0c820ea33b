/** How far what was played is from what was measured, and the step that would close the gap. */

import { makeJacobian, type Unknown } from './identify.ts';
import { normalMatrix, normalSide, solve } from './normal-equations.ts';
import { meanPlayed, type Played, type Player, sameStage } from './player.ts';
import { deviation } from './stage-figures.ts';

/** What no model promises: a hundredth of a figure, and a millisecond. */
export const MODEL_SHARE = 0.01;
const LEAST_SECONDS = 0.001;

/** One over the variance of each figure; 0 where the simulation has none. */
export type Weigh = (played: Played) => readonly number[];

/**
 * Weights by the scatter of each figure. Operations of a wave share its queues and are no
 * independent draws, so that resampling them takes a ramp for scatter: by how much, is told by the
 * same constants played with other seeds, stage by stage.
 */
export function weigher(player: Player, seeds: readonly Played[]): Weigh {
  const { measured } = player;
  const scales = scatterScales(player, seeds);
  return (played) =>
    measured.map(({ value, error }, i) => {
      const own = played.errors[i] as number;
      if (!Number.isFinite(own)) return 0;
      const scatter = Math.hypot(error, own) * (scales[i] as number);
      return 1 / Math.hypot(scatter, MODEL_SHARE * value, LEAST_SECONDS) ** 2;
    });
}

/** Few seeds may agree, or differ, by chance. */
const SCALE_LEAST = 0.25;
const SCALE_MOST = 2;

/** By figure: how much it varies from seed to seed, of what resampling says; alike in a stage. */
export function scatterScales(player: Player, seeds: readonly Played[]): readonly number[] {
  const mean = meanPlayed(seeds);
  const ratios = mean.values.map((_, i) => {
    const error = Math.hypot(mean.errors[i] as number, LEAST_SECONDS);
    return (deviation(seeds.map(({ values }) => values[i] as number)) / error) ** 2;
  });
  return sameStage(player).map((stage) => {
    const sum = stage.reduce((all, i) => all + (ratios[i] as number), 0);
    const scale = Math.sqrt(sum / stage.length);
    return Number.isNaN(scale) ? 1 : Math.min(SCALE_MOST, Math.max(SCALE_LEAST, scale));
  });
}

/** By how much to move the logarithm of each unknown. */
export function step(
  player: Player,
  unknowns: readonly Unknown[],
  played: Played,
  weigh: Weigh,
): readonly number[] {
  if (unknowns.length === 0) return [];
  const jacobian = makeJacobian(unknowns);
  const weights = weigh(played);
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
export function computeMisfit(
  player: Player,
  unknowns: readonly Unknown[],
  played: Played,
  weigh: Weigh,
): number {
  const weights = weigh(played);
  return residualsOf(player, played).reduce((sum, residual, i) => {
    if (unknowns.every(({ column }) => column[i] === 0)) return sum;
    if (Number.isNaN(played.values[i])) return Number.POSITIVE_INFINITY;
    return sum + residual * residual * (weights[i] as number);
  }, 0);
}

/** No step moves a constant by more than a factor of 3. */
const STEP_MOST = Math.log(3);
