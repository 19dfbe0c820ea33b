/** How sure the fitted factors are. */

import { NUDGE } from './effects.ts';
import { makeJacobian, type Unknown } from './identify.ts';
import type { Logs } from './logs.ts';
import type { ConstantPath } from './mechanisms.ts';
import { MODEL_SHARE, scatterScales, weigher } from './misfit.ts';
import { normalMatrix, normalSide, solve } from './normal-equations.ts';
import { meanPlayed, type Played, type Player } from './player.ts';
import { deviation, RESAMPLES } from './stage-figures.ts';

export interface FittedUnknown {
  readonly paths: readonly ConstantPath[];
  readonly factor: number;
  /** 95 % of it. */
  readonly lo: number;
  readonly hi: number;
}

/** What the unknowns would be on other samples like the measured one. */
export function intervals(
  player: Player,
  unknowns: readonly Unknown[],
  logs: Logs,
  seeds: readonly Played[],
): readonly FittedUnknown[] {
  const { measured } = player;
  const jacobian = makeJacobian(unknowns.map(nearby));
  const weights = weigher(player, seeds)(meanPlayed(seeds));
  const scales = scatterScales(player, seeds);
  const matrix = normalMatrix(jacobian, weights);
  const drawn = Array.from({ length: RESAMPLES }, (_, n) => {
    const residuals = measured.map(
      ({ figures, figure, value }, i) =>
        ((figures.resampled[n]?.[figure] ?? value) - value) * (scales[i] as number),
    );
    return solve(matrix, normalSide(jacobian, weights, residuals)) ?? unknowns.map(() => 0);
  });
  return unknowns.map(({ paths }, k) => {
    const log = logs.get(paths[0] as ConstantPath) ?? 0;
    const scatter = deviation(drawn.map((each) => each[k] as number));
    const error = Z_95 * Math.hypot(scatter * Math.sqrt(1 + 1 / seeds.length), MODEL_SHARE);
    const [factor, lo, hi] = [log, log - error, log + error].map(Math.exp);
    return { paths, factor, lo, hi } as FittedUnknown;
  });
}

/** Times grow with a factor, not with its logarithm: by less nearby than up to the nudge. */
function nearby({ paths, column }: Unknown): Unknown {
  return { paths, column: column.map((each) => (each * NUDGE) / Math.expm1(NUDGE)) };
}

const Z_95 = 1.96;
