import { describe, expect, test } from 'vitest';
import {
  minimumCount,
  rankInterval,
} from '../../../src/analyse/statistics/order-statistic-interval.ts';
import { gold } from './gold.ts';

describe('order-statistic intervals', () => {
  test.each(Object.entries(gold.qci))('ranks of n,q = %s equal scipy', (key, [lower, upper]) => {
    const [n, q] = key.split(',').map(Number) as [number, number];
    expect(rankInterval(n, q)).toMatchObject({ lower, upper: upper ?? n + 1 });
  });

  test('the printed ranks of 100 values: p50 40 to 61, p95 90 to 100, p99 97 and up', () => {
    const ranks = [0.5, 0.95, 0.99].map((q) => rankInterval(100, q));
    expect(ranks.map(({ lower, upper }) => [lower, upper])).toEqual([
      [40, 61],
      [90, 100],
      [97, 101],
    ]);
  });

  test('the coverage achieved is at least the level, and by no more than a rank', () => {
    for (const n of [6, 20, 100, 1000, 20_000]) {
      for (const q of [0.1, 0.5, 0.9, 0.95, 0.99]) {
        expect(rankInterval(n, q).coverage).toBeGreaterThanOrEqual(0.95 - 1e-9);
      }
    }
    expect(rankInterval(20_000, 0.5).coverage).toBeLessThan(0.953);
  });

  test('how many values a finite bound needs', () => {
    const quantiles = [0.5, 0.9, 0.95, 0.99, 0.999];
    expect(quantiles.map((q) => minimumCount(q))).toEqual([6, 36, 72, 368, 3688]);
  });

  test('the upper bound is finite from exactly that many values on', () => {
    for (const q of [0.5, 0.9, 0.95, 0.99]) {
      const need = minimumCount(q);
      expect(rankInterval(need, q).upper).toBe(need);
      expect(rankInterval(need - 1, q).upper).toBe(need);
    }
  });
});
