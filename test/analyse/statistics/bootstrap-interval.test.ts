import { describe, expect, test } from 'vitest';
import {
  bcaInterval,
  expandedTail,
  percentileInterval,
} from '../../../src/analyse/statistics/bootstrap-interval.ts';
import { ascending, quantileSorted } from '../../../src/analyse/statistics/quantile.ts';
import { createRng } from '../../../src/core/rng.ts';
import { gold } from './gold.ts';

function computeMean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function replicatesOf(statistic: (sorted: Float64Array) => number, resamples: number) {
  const rng = createRng('replicates');
  const draw = () => ascending(gold.x.map(() => gold.x[rng.integer(gold.x.length)] as number));
  return Float64Array.from({ length: resamples }, () => statistic(draw()));
}

function computeJackknife(statistic: (values: readonly number[]) => number) {
  return gold.x.map((_, left) => statistic(gold.x.filter((_value, i) => i !== left)));
}

describe('bootstrap intervals', () => {
  test('the percentile interval takes the k-th from either end', () => {
    const replicates = Array.from({ length: 1_999 }, (_, i) => i + 1);
    expect(percentileInterval(replicates)).toEqual({ lo: 50, hi: 1_950 });
    expect(percentileInterval([...replicates].reverse(), 0.05)).toEqual({ lo: 100, hi: 1_900 });
  });

  test('infinite replicates give an infinite end; undefined ones no interval', () => {
    const replicates = Array.from({ length: 99 }, (_, i) => (i < 90 ? i : Infinity));
    expect(percentileInterval(replicates)).toEqual({ lo: 1, hi: Infinity });
    expect(percentileInterval([1, Number.NaN])).toEqual({ lo: -Infinity, hi: Infinity });
  });

  test('BCa of p95 agrees with scipy to one order statistic', () => {
    const p95 = (values: ArrayLike<number>) => quantileSorted(values, 0.95);
    const interval = bcaInterval(replicatesOf(p95, 9_999), p95(gold.x), computeJackknife(p95));
    const rank = (value: number) => gold.x.filter((x) => x <= value).length;
    expect(Math.abs(rank(interval.lo) - rank(gold.bca[0]))).toBeLessThanOrEqual(1);
    expect(Math.abs(rank(interval.hi) - rank(gold.bca[1]))).toBeLessThanOrEqual(1);
  });

  test('BCa of a skewed mean lies to the right of the percentile interval', () => {
    const replicates = replicatesOf((sorted) => computeMean(sorted.map((x) => x ** 4)), 4_000);
    const estimate = computeMean(gold.x.map((x) => x ** 4));
    const bca = bcaInterval(
      replicates,
      estimate,
      computeJackknife((v) => computeMean(v.map((x) => x ** 4))),
    );
    const plain = percentileInterval(replicates);
    expect(bca.lo).toBeGreaterThan(plain.lo);
    expect(bca.hi).toBeGreaterThan(plain.hi);
  });

  test('BCa is the percentile interval for a symmetric unbiased statistic', () => {
    const replicates = Array.from({ length: 1_999 }, (_, i) => i - 999);
    expect(bcaInterval(replicates, 0, [-1, 0, 1])).toEqual(percentileInterval(replicates));
    expect(bcaInterval([3, 3, 3], 3, [3, 3])).toEqual({ lo: 3, hi: 3 });
  });

  test('few units leave out less on each side', () => {
    expect(expandedTail(8)).toBeLessThan(expandedTail(20));
    expect(expandedTail(20)).toBeCloseTo(0.0159, 4);
    expect(expandedTail(100_000)).toBeCloseTo(0.025, 4);
  });
});
