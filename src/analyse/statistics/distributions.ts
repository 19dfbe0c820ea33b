/**
 * Normal, Student t, binomial and beta distributions: tail probabilities and quantiles.
 * Two-sided p-values are computed directly, never as 1 - cdf, so that tiny ones keep their digits.
 */

import { erfc, invertIncreasing, regularizedBeta } from './special-functions.ts';

/** P(Z <= z) of the standard normal. */
export function normalCdf(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** z with P(Z <= z) = p, for p in (0, 1). */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  return p < 0.5 ? invertIncreasing(normalCdf, p, -40, 0) : -normalQuantile(1 - p);
}

/** P(|T| >= |t|) of Student's t with `df` degrees of freedom; 0 where t is infinite. */
export function tTwoSidedP(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0;
  return regularizedBeta(df / (df + t * t), df / 2, 1 / 2);
}

/** t with P(T <= t) = p of Student's t, for p in (0, 1). */
export function tQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -tQuantile(1 - p, df);
  const tail = 2 * (1 - p);
  let hi = 2;
  while (tTwoSidedP(hi, df) > tail) hi *= 2;
  return invertIncreasing((t) => -tTwoSidedP(t, df), -tail, 0, hi);
}

/** P(B <= k) of the binomial with `n` trials of probability `p`. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return regularizedBeta(1 - p, n - k, k + 1);
}

/** x with I_x(a, b) = p: the quantile of the beta distribution. */
export function betaQuantile(p: number, a: number, b: number): number {
  return invertIncreasing((x) => regularizedBeta(x, a, b), p, 0, 1);
}
