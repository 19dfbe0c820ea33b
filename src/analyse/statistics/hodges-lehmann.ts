/**
 * The shift between two samples: the median of all pairwise differences a - b (Hodges and Lehmann,
 * 1963), in the unit of the values. Found by bisection over the value, counting pairs below it in
 * one sweep, so that 6,000 x 6,000 differences are never held.
 */

import { ascending } from './quantile.ts';

/** The median difference of finite values; NaN where a sample is empty. */
export function hodgesLehmann(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const pairs = a.length * b.length;
  if (pairs === 0) return Number.NaN;
  const xs = ascending(a);
  const ys = ascending(b);
  const upper = nthDifference(xs, ys, Math.floor(pairs / 2) + 1);
  return pairs % 2 === 1 ? upper : (nthDifference(xs, ys, pairs / 2) + upper) / 2;
}

/** The n-th smallest difference, 1-based: the smallest double that n differences do not exceed. */
function nthDifference(xs: Float64Array, ys: Float64Array, n: number): number {
  let below = (xs[0] as number) - (ys.at(-1) as number);
  let above = (xs.at(-1) as number) - (ys[0] as number);
  if (differencesUpTo(xs, ys, below) >= n) return below;
  for (;;) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) return above;
    if (differencesUpTo(xs, ys, middle) >= n) above = middle;
    else below = middle;
  }
}

function differencesUpTo(xs: Float64Array, ys: Float64Array, bound: number): number {
  let pairs = 0;
  let first = 0;
  for (const x of xs) {
    while (first < ys.length && x - (ys[first] as number) > bound) first += 1;
    pairs += ys.length - first;
  }
  return pairs;
}
