/**
 * How well each stage came out, stage by stage. A stage that stays apart from what was measured
 * with every constant at its best is no failure of the fit: the simulator then lacks a mechanism.
 */

import { meanPlayed, type Played, type Player, sameStage } from './player.ts';
import type { FigureName } from './stage-figures.ts';
import type { StageTimes } from './stage-times.ts';

export interface StageQuality extends Omit<StageTimes, 'waves'> {
  readonly n: number;
  /** Operations of which the history does not give the time. */
  readonly missing: number;
  /** What the values are. */
  readonly names: readonly FigureName[];
  /** Seconds. */
  readonly measured: readonly number[];
  /** NaN where the simulation has no such stage. */
  readonly twin: readonly number[];
  readonly isReached: boolean;
}

/** Both this many scatters and this share apart is more than chance and more than matters. */
const SCATTERS_MOST = 4;
const SHARE_MOST = 0.1;
/** Below it a share says nothing, seconds. */
const SHORT_SECONDS = 0.05;

export function fitQuality(player: Player, played: readonly Played[]): StageQuality[] {
  const mean = meanPlayed(played);
  return [...new Set(sameStage(player))].flatMap((stage) => {
    const of = player.measured[stage[0] as number]?.figures;
    if (of === undefined) return [];
    const twin = stage.map((i) => mean.values[i] as number);
    const errors = stage.map((i) => mean.errors[i] as number);
    const { names, n, missing, values: measured } = of;
    const isReached = names.every((name, k) => {
      const value = measured[k] as number;
      const apart = Math.abs(value - (twin[k] as number));
      const scatter = Math.hypot(of.errors[k] as number, errors[k] as number);
      // A rise is long or short beside the stage that it is the shape of.
      const size = Math.max(name === 'rise' ? (measured[0] as number) : value, SHORT_SECONDS);
      return apart <= Math.max(SCATTERS_MOST * scatter, SHARE_MOST * size);
    });
    return [{ ...of.stage, n, missing, names, measured, twin, isReached }];
  });
}
