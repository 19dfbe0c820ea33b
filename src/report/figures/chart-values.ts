/** Estimates as charts take them: heights of bars, ends of whiskers. */

import type { Estimate } from '../../analyse/statistics/estimate.ts';

/** Error bar ends of an estimate; null where the data carry none. */
export function getWhisker(estimate: Estimate | undefined): readonly [number, number] | null {
  if (estimate === undefined || !('value' in estimate)) return null;
  const { lo, hi } = estimate;
  return lo === undefined || hi === undefined ? null : [lo, hi];
}

/** The height of a bar for an estimate: zero where there is nothing finite to show. */
export function getBarLength(estimate: Estimate | undefined): number {
  return estimate !== undefined && 'value' in estimate ? estimate.value : 0;
}

/** The largest of any number of values; zero of none. (A spread of 100,000 breaks the stack.) */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
