/**
 * A figure against a limit, on the bounds of its interval: missed only where all of it lies beyond,
 * kept only where none does. A figure without an interval is judged on the value itself, and that
 * is said; one whose values were cut off below the limit is neither.
 */

import type { Estimate } from './estimate.ts';

export interface LimitVerdict {
  readonly state: 'kept' | 'missed' | 'straddling';
  /** Both, one or no bound of the 95 % interval was there to judge on. */
  readonly judgedOn: 'interval' | 'value';
}

/** Estimate and limit in the same unit. */
export function judgeLimit(estimate: Estimate, limit: number): LimitVerdict {
  if ('never' in estimate) return { state: 'missed', judgedOn: 'value' };
  if ('over' in estimate) {
    return { state: estimate.over >= limit ? 'missed' : 'straddling', judgedOn: 'value' };
  }
  const { value, lo, hi } = estimate;
  if (lo === undefined && hi === undefined) {
    return { state: value > limit ? 'missed' : 'kept', judgedOn: 'value' };
  }
  if (lo !== undefined && lo > limit) return { state: 'missed', judgedOn: 'interval' };
  if (hi !== undefined && hi <= limit) return { state: 'kept', judgedOn: 'interval' };
  return { state: 'straddling', judgedOn: 'interval' };
}

/** These leave out what was never reached, so with misses they cannot show that a limit is kept. */
export const OF_THE_REACHED: ReadonlySet<string> = new Set(['mean', 'max']);
