/**
 * How well each stage came out, stage by stage. A stage that stays apart from what was measured
 * with every constant at its best is no failure of the fit: the simulator then lacks a mechanism.
 */

import { meanPlayed, type Played, type Player } from './player.ts';
import { FIGURE_NAMES } from './stage-figures.ts';
import type { StageTimes } from './stage-times.ts';

/** Seconds: mean, p10, p50, p90. */
export interface StageQuality extends Omit<StageTimes, 'waves'> {
  readonly n: number;
  /** Operations of which the history does not give the time. */
  readonly missing: number;
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

export function fitQuality({ measured }: Player, played: readonly Played[]): StageQuality[] {
  const mean = meanPlayed(played);
  const rows: StageQuality[] = [];
  for (let first = 0; first < measured.length; first += FIGURE_NAMES.length) {
    const figures = measured.slice(first, first + FIGURE_NAMES.length);
    const of = figures[0]?.figures;
    if (of === undefined) continue;
    const { waves: _, ...stage } = of.stage;
    const twin = mean.values.slice(first, first + FIGURE_NAMES.length);
    const isReached = figures.every(({ value, error }, i) => {
      const apart = Math.abs(value - (twin[i] as number));
      const scatter = Math.hypot(error, mean.errors[first + i] as number);
      const most = Math.max(SCATTERS_MOST * scatter, SHARE_MOST * Math.max(value, SHORT_SECONDS));
      return apart <= most;
    });
    rows.push({ ...stage, n: of.n, missing: of.missing, measured: of.values, twin, isReached });
  }
  return rows;
}
