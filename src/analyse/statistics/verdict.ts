/**
 * One word for a comparison. `unchanged` is a finding, it needs an interval short enough to lie
 * inside the margin; the absence of a significant difference is only `inconclusive`.
 */

import type { Direction } from '../../catalogue/metrics.ts';
import type { PointEstimate } from './estimate.ts';

export type Verdict = 'better' | 'worse' | 'unchanged' | 'inconclusive';

export interface Evidence {
  /** baseline / head. */
  readonly ratio: PointEstimate | undefined;
  /** After Benjamini-Hochberg over everything compared in one table. */
  readonly q: number | undefined;
  readonly direction: Direction;
}

/** Equivalence: the interval of the ratio lies within +- 5 % of 1. */
export const EQUIVALENCE_MARGIN = 0.05;

/** The share of false findings accepted among the findings of a table. */
export const FALSE_DISCOVERY_RATE = 0.05;

/** Better or worse takes both an interval that excludes 1 and a q-value in the limit. */
export function judge({ ratio, q, direction }: Evidence): Verdict {
  if (ratio?.lo === undefined || ratio.hi === undefined) return 'inconclusive';
  if (isEquivalent(ratio.lo, ratio.hi)) return 'unchanged';
  if (q === undefined || q > FALSE_DISCOVERY_RATE) return 'inconclusive';
  if (ratio.lo <= 1 && ratio.hi >= 1) return 'inconclusive';
  const headIsLower = ratio.lo > 1;
  return headIsLower === (direction === 'lowerIsBetter') ? 'better' : 'worse';
}

/** Two one-sided tests, read off the interval. */
function isEquivalent(lo: number, hi: number, margin = EQUIVALENCE_MARGIN): boolean {
  return lo >= 1 - margin && hi <= 1 + margin;
}
