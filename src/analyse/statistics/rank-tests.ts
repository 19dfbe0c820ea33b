/**
 * Comparisons of two samples by ranks: they ask for no distribution, and infinite values (failures)
 * take their place at the end. The p-value of Mann and Whitney holds for independent values only;
 * for VMs that share waves use permutation-test.ts.
 */

import { normalCdf } from './distributions.ts';
import { ascending } from './quantile.ts';

export interface MannWhitney {
  /** Pairs (a, b) with a > b, ties counting half. */
  readonly u: number;
  /** Two-sided, normal approximation with tie and continuity correction. */
  readonly p: number;
}

export function mannWhitney(a: ArrayLike<number>, b: ArrayLike<number>): MannWhitney {
  const u = pairsAbove(a, b);
  const n = a.length * b.length;
  const total = a.length + b.length;
  const ties = tieTerm(a, b) / (total * (total - 1));
  const deviation = Math.sqrt((n / 12) * (total + 1 - ties));
  const z = Math.max(0, Math.abs(u - n / 2) - 0.5) / deviation;
  return { u, p: deviation === 0 ? 1 : Math.min(1, 2 * normalCdf(-z)) };
}

/**
 * Cliff's delta (1993): P(a > b) - P(a < b), in [-1, 1]. Around 0.15 small, 0.33 medium, 0.47
 * large. O(n log n).
 */
export function cliffsDelta(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return (2 * pairsAbove(a, b)) / (a.length * b.length) - 1;
}

/** Counts pairs by one sweep over both sorted samples. */
function pairsAbove(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ys = ascending(b);
  let below = 0;
  let upTo = 0;
  let pairs = 0;
  for (const x of ascending(a)) {
    while (below < ys.length && (ys[below] as number) < x) below += 1;
    while (upTo < ys.length && (ys[upTo] as number) <= x) upTo += 1;
    pairs += (below + upTo) / 2;
  }
  return pairs;
}

function tieTerm(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const all = ascending([...Array.from(a), ...Array.from(b)]);
  let total = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end] === all[start]) end += 1;
    total += (end - start) ** 3 - (end - start);
    start = end;
  }
  return total;
}
