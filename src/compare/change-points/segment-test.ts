/**
 * Student's two-sided t-test with pooled variance between two neighbouring segments. Deterministic
 * and quick where the original method permutes (Hunter, arXiv:2301.03034). It assumes that nights
 * are independent; autocorrelation.ts checks that.
 */

import { tTwoSidedP } from '../../analyse/statistics/distributions.ts';

/** Which divisor the standard deviations use: n - 1 as the test wants, or n as Otava 0.8 does. */
export type DeviationKind = 'sample' | 'population';

export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface SegmentTest {
  readonly p: number;
  readonly before: Moments;
  readonly after: Moments;
}

/** Differences of means below this share of their size are rounding, not change. */
const ROUNDING = 1e-12;

/** Compares [start, index) with [index, end). One value on each side is never significant. */
export function compareSegments(
  values: ArrayLike<number>,
  start: number,
  index: number,
  end: number,
  kind: DeviationKind,
): SegmentTest {
  const before = computeMoments(values, start, index, kind);
  const after = computeMoments(values, index, end, kind);
  return { p: pooledTTest(before, after), before, after };
}

function computeMoments(
  values: ArrayLike<number>,
  start: number,
  end: number,
  kind: DeviationKind,
): Moments {
  const n = end - start;
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i] as number;
  const mean = sum / n;
  let squares = 0;
  for (let i = start; i < end; i++) squares += ((values[i] as number) - mean) ** 2;
  const divisor = kind === 'sample' ? n - 1 : n;
  return { n, mean, deviation: n < 2 ? 0 : Math.sqrt(squares / divisor) };
}

function pooledTTest(a: Moments, b: Moments): number {
  const df = a.n + b.n - 2;
  const scale = Math.max(Math.abs(a.mean), Math.abs(b.mean));
  if (df <= 0 || Math.abs(a.mean - b.mean) <= ROUNDING * scale) return 1;
  const squares = (a.n - 1) * a.deviation ** 2 + (b.n - 1) * b.deviation ** 2;
  const standardError = Math.sqrt((squares / df) * (1 / a.n + 1 / b.n));
  return tTwoSidedP((a.mean - b.mean) / standardError, df);
}
