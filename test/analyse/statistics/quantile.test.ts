import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ascending,
  inverseEcdfRank,
  quantileSorted,
  type QuantileType,
} from '../../../src/analyse/statistics/quantile.ts';
import { gold } from './gold.ts';

const TYPES = [1, 7] as const;

describe('quantiles', () => {
  test.each(TYPES)('type %i equals scipy', (type) => {
    for (const [q, value] of Object.entries(gold.q[type] ?? {})) {
      expect(quantileSorted(gold.x, Number(q), type)).toBeCloseTo(value, 10);
    }
  });

  test('type 1 takes the value at the smallest rank that reaches n q, despite rounding', () => {
    expect(inverseEcdfRank(100, 0.07)).toBe(7);
    expect(inverseEcdfRank(100, 0.95)).toBe(95);
    expect(inverseEcdfRank(100, 0.951)).toBe(96);
    expect(inverseEcdfRank(3, 0)).toBe(1);
    expect(inverseEcdfRank(3, 1)).toBe(3);
  });

  test('an infinite value is returned where it belongs, and never leaks below', () => {
    const sorted = [1, 2, 3, Number.POSITIVE_INFINITY];
    expect(quantileSorted(sorted, 0.75)).toBe(3);
    expect(quantileSorted(sorted, 0.76)).toBe(Number.POSITIVE_INFINITY);
    expect(quantileSorted(sorted, 2 / 3, 7)).toBe(3);
    expect(quantileSorted(sorted, 0.7, 7)).toBe(Number.POSITIVE_INFINITY);
  });

  test('an empty sample has none', () => {
    expect(quantileSorted([], 0.5)).toBeNaN();
  });

  test('of both types they rise with q and stay among the values', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, share, fc.constantFrom(...TYPES), (sample, p, q, type) => {
        const sorted = ascending(sample);
        const at = (each: number) => quantileSorted(sorted, each, type as QuantileType);
        expect(at(Math.min(p, q))).toBeLessThanOrEqual(at(Math.max(p, q)));
        expect(at(p)).toBeGreaterThanOrEqual(sorted[0] as number);
        expect(at(p)).toBeLessThanOrEqual(sorted.at(-1) as number);
      }),
    );
  });
});
