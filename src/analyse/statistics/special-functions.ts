/**
 * The two special functions that our distributions need, accurate far into the tails: p-values of
 * 1e-20 decide change points, where `1 - cdf` has no digits left. simple-statistics serves for the
 * gamma function; its error function is good to 1e-7 and its normal table to two digits of z.
 */

import { gammaln } from 'simple-statistics';

const EPSILON = 1e-16;
const TINY = 1e-300;
const MAX_TERMS = 20_000;

/**
 * The regularized incomplete beta function I_x(a, b), for a, b > 0 and x in [0, 1]: continued
 * fraction of DLMF 8.17.22 by the modified Lentz method, relative error about 1e-11 at a + b = 1e4.
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** The complementary error function, relative error about 1e-15 in both tails. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  return x < 2 ? 1 - erfSeries(x) : erfcFraction(x);
}

/** Where an increasing function crosses `target`, by bisection to the last bit. */
export function invertIncreasing(
  increasing: (x: number) => number,
  target: number,
  lo: number,
  hi: number,
): number {
  let below = lo;
  let above = hi;
  for (;;) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) return middle;
    if (increasing(middle) < target) below = middle;
    else above = middle;
  }
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = nonZero(1 - ((a + b) * x) / (a + 1));
  d = 1 / d;
  let fraction = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= 10 * EPSILON) break;
  }
  return fraction;
}

/** erf by DLMF 7.6.2, whose terms are all positive: nothing cancels. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * EPSILON; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** erfc by the continued fraction of DLMF 7.9.1, evaluated from the back. */
function erfcFraction(x: number): number {
  let tail = 0;
  for (let k = 120; k >= 1; k--) tail = k / 2 / (x + tail);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail);
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
