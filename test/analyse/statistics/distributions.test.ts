import { describe, expect, test } from 'vitest';
import {
  betaQuantile,
  binomialCdf,
  normalCdf,
  normalQuantile,
  tQuantile,
  tTwoSidedP,
} from '../../../src/analyse/statistics/distributions.ts';
import { erfc, regularizedBeta } from '../../../src/analyse/statistics/special-functions.ts';
import { gold } from './gold.ts';

/** Relative, so that a tail of 1e-21 counts as much as a half. */
function expectRelative(value: number, known: number, tolerance: number) {
  expect(Math.abs(value / known - 1)).toBeLessThan(tolerance);
}

describe('distributions', () => {
  test('normal tails equal scipy to 13 digits', () => {
    for (const [z, p] of gold.norm) expectRelative(normalCdf(z), p, 1e-13);
  });

  test('binomial sums equal scipy to 10 digits, at n = 6,000 too', () => {
    for (const [k, n, p, sum] of gold.binom) expectRelative(binomialCdf(k, n, p), sum, 1e-10);
  });

  test('small binomials equal their sums', () => {
    expect(binomialCdf(0, 5, 0.5)).toBeCloseTo(1 / 32, 14);
    expect(binomialCdf(-1, 5, 0.5)).toBe(0);
    expect(binomialCdf(5, 5, 0.5)).toBe(1);
  });

  test('p-values of t equal scipy to 12 digits, down to 1e-21', () => {
    for (const [t, df, p] of gold.t) expectRelative(tTwoSidedP(t, df), p, 1e-12);
    expect(tTwoSidedP(Number.POSITIVE_INFINITY, 5)).toBe(0);
    expect(tTwoSidedP(0, 5)).toBe(1);
  });

  test('quantiles of printed tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.5)).toBe(0);
    expect(tQuantile(0.975, 1)).toBeCloseTo(12.706204736174698, 9);
    expect(tQuantile(0.975, 9)).toBeCloseTo(2.262157162740992, 9);
    expect(tQuantile(0.025, 9)).toBeCloseTo(-2.262157162740992, 9);
    expect(tQuantile(0.999, 19)).toBeCloseTo(3.579400148163749, 7);
  });

  test('quantiles undo cumulation', () => {
    for (const p of [1e-12, 0.001, 0.2, 0.5, 0.9, 0.9999]) {
      expectRelative(normalCdf(normalQuantile(p)), p, 1e-10);
      expectRelative(regularizedBeta(betaQuantile(p, 3, 98), 3, 98), p, 1e-10);
    }
  });

  test('the beta function mirrors, and the error function has both tails', () => {
    expect(regularizedBeta(0.3, 4, 9)).toBeCloseTo(1 - regularizedBeta(0.7, 9, 4), 13);
    expect(regularizedBeta(0, 2, 2)).toBe(0);
    expect(regularizedBeta(1, 2, 2)).toBe(1);
    expect(erfc(-1.5)).toBeCloseTo(2 - erfc(1.5), 15);
    expectRelative(erfc(5), 1.5374597944280349e-12, 1e-12);
  });
});
