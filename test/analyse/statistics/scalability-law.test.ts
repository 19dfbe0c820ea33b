import { describe, expect, test } from 'vitest';
import { fitScalability, throughputAt } from '../../../src/analyse/statistics/scalability-law.ts';
import { gold, type LawGold } from './gold.ts';

function expectFit({ N, X, p, se }: LawGold) {
  const fit = fitScalability(N, X);
  expect(fit?.gamma).toBeCloseTo(p[0], 3);
  expect(fit?.sigma).toBeCloseTo(p[1], 6);
  expect(fit?.kappa).toBeCloseTo(p[2], 8);
  fit?.standardErrors.forEach((error, i) => {
    expect(Math.abs(error / (se[i] as number) - 1)).toBeLessThan(1e-3);
  });
}

describe('the scalability law', () => {
  test('fits a curve with a peak as scipy does', () => {
    expectFit(gold.usl);
    expect(fitScalability(gold.usl.N, gold.usl.X)?.peakAt).toBeCloseTo(96.5, 1);
  });

  test('pins kappa at 0 where there is no peak', () => {
    expectFit(gold.usl2);
    const fit = fitScalability(gold.usl2.N, gold.usl2.X);
    expect(fit?.kappa).toBe(0);
    expect(fit).not.toHaveProperty('peakAt');
  });

  test('finds exact parameters again, without N = 1', () => {
    const levels = [10, 20, 40, 80, 160, 320];
    const fit = fitScalability(
      levels,
      levels.map((n) => throughputAt(n, [3, 0.02, 2e-5])),
    );
    expect(fit?.gamma).toBeCloseTo(3, 6);
    expect(fit?.kappa).toBeCloseTo(2e-5, 10);
    expect(fitScalability([1, 2, 3], [1, 2, 3])).toBeUndefined();
  });
});
