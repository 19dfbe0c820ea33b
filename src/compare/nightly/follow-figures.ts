/**
 * All figures of a night followed together: a change stands only where it does among all of them
 * (Holm, 1979), so that twenty figures cry wolf no more often than one. The past is replayed night
 * by night, each decided on what was known then; what was a regression on its night is not argued
 * away by what came later, it can only be over.
 */

import { type NightHabits, nightHabits } from '../change-points/night-habits.ts';
import {
  afterTonight,
  type Candidate,
  candidateTonight,
  type FollowedNight,
  type FollowOptions,
  levelSums,
  type LevelState,
  START,
} from './follow-level.ts';

export interface FollowedFigure {
  /** In the order of all nights; undefined on nights that do not have the figure. */
  readonly nights: readonly (FollowedNight | undefined)[];
  readonly options: FollowOptions;
}

export interface FollowRules {
  /** Nights with a value before the first verdict. */
  readonly learningNights: number;
  /** Chance, a night, that any figure is called worse where none is. */
  readonly alpha: number;
}

/**
 * A level once lost is soon missed, one that was never there even sooner: after a false improvement
 * the truth looks like a regression. So an improvement takes this much more.
 */
const BETTER_TAKES = 100;

/** By simulation (`npm run detector`): at most 0.3 new false regressions in 100 nights. */
export const FALSE_CHANGES_A_NIGHT = 0.007;

/** The state of each figure after the last night. */
export function followFigures(
  figures: readonly FollowedFigure[],
  rules: FollowRules,
  onNight: (night: number, states: readonly LevelState[]) => void = () => {},
): readonly LevelState[] {
  const count = figures[0]?.nights.length ?? 0;
  const logs = figures.map(({ options }) => openLog(options));
  for (let night = 0; night < count; night++) {
    const habits = nightHabits(logs.map((log) => log.sums()));
    const candidates = figures.map(({ nights }, i) =>
      logs[i]?.draft(nights[night], habits[i] as NightHabits),
    );
    const q = holm(candidates.map((candidate) => candidate?.p));
    logs.forEach((log, i) => {
      const candidate = candidates[i];
      const qValue = q[i] ?? 1;
      log.settle(candidate, qValue, stands(candidate, qValue, rules), rules.learningNights);
    });
    onNight(
      night,
      logs.map((log) => log.state()),
    );
  }
  return logs.map((log) => log.state());
}

function stands(candidate: Candidate | undefined, q: number, { alpha }: FollowRules): boolean {
  if (candidate === undefined) return false;
  if (candidate.isCertain) return true;
  return q <= (candidate.isWorse ? alpha : alpha / BETTER_TAKES);
}

/** Step-down adjusted p-values; figures without one count as figures all the same. */
function holm(pValues: readonly (number | undefined)[]): readonly number[] {
  const order = pValues.map((p, i) => ({ p: p ?? 1, i })).sort((a, b) => a.p - b.p);
  const adjusted = pValues.map(() => 1);
  let most = 0;
  order.forEach(({ p, i }, rank) => {
    most = Math.max(most, Math.min(1, p * (order.length - rank)));
    adjusted[i] = most;
  });
  return adjusted;
}

/** One figure: the nights that have it so far, and where it stands. */
function openLog(options: FollowOptions) {
  const nights: FollowedNight[] = [];
  let state = START;
  let isThere = false;
  return {
    state: () => state,
    sums: () => levelSums(nights, state, options),
    draft(night: FollowedNight | undefined, habits: NightHabits): Candidate | undefined {
      isThere = night !== undefined;
      if (night === undefined) return undefined;
      nights.push(night);
      return candidateTonight(nights, state, options, habits);
    },
    settle(candidate: Candidate | undefined, q: number, holds: boolean, learning: number): void {
      if (!isThere) return;
      const tonight = nights.length - 1;
      const isLearning = nights.filter(({ value }) => value !== undefined).length <= learning;
      const confirmed =
        candidate !== undefined && holds ? { ...candidate, q, isLearning } : undefined;
      state = afterTonight(nights, state, tonight, options, confirmed);
    },
  };
}
