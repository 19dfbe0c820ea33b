import { describe, expect, test } from 'vitest';
import {
  compareUnits,
  coefficientOfVariation,
} from '../../../src/analyse/statistics/compare-units.ts';
import { groupEstimate } from '../../../src/analyse/statistics/group-interval.ts';
import { exactly, type Wave } from '../../../src/analyse/statistics/observation.ts';
import { createRng } from '../../../src/core/rng.ts';

/** The mean of a run of twenty waves, each wave with its weather, the run with its own effect. */
function runMean(name: string, cv: number, level = 30): number {
  const rng = createRng(name);
  const effect = Math.exp(cv * rng.normal());
  const waves = Array.from({ length: 20 }, () => level * effect * Math.exp(0.05 * rng.normal()));
  return waves.reduce((sum, wave) => sum + wave, 0) / waves.length;
}

const side = (name: string, cv: number, level = 30) =>
  Array.from({ length: 5 }, (_, i) => runMean(`${name}/${i}`, cv, level));

describe('five runs against five', () => {
  // 1,000 pairs: a share of 5 % has a standard error of 0.7 points.
  test.each([0, 0.03, 0.05, 0.08])('of the same thing differ in 5 %% at a run CV of %f', (cv) => {
    const found = Array.from({ length: 1_000 }, (_, i) =>
      compareUnits(side(`a${i}`, cv), side(`b${i}`, cv)),
    );
    const alarms = found.filter((one) => (one?.p ?? 1) <= 0.05).length;
    expect(alarms / found.length).toBeLessThanOrEqual(0.066);
    expect(alarms / found.length).toBeGreaterThan(0.025);
  });

  test('tell a fifth from nothing at a run CV of 3 %', () => {
    const found = compareUnits(side('slow', 0.03, 36), side('fast', 0.03, 30));
    expect(found?.p).toBeLessThan(0.001);
    expect(found?.ratio.lo).toBeGreaterThan(1.1);
    expect(found?.ratio.hi).toBeLessThan(1.3);
  });

  test('equal the textbook', () => {
    // Logarithms 1, 2, 3 and 2, 4, 6: t = -2 / sqrt(1/3 + 4/3), 2.94 degrees of freedom.
    const [a, b] = [
      [1, 2, 3],
      [2, 4, 6],
    ].map((logs) => logs.map(Math.exp));
    const found = compareUnits(a as number[], b as number[]);
    expect(Math.log(found?.ratio.value as number)).toBeCloseTo(-2, 9);
    expect(found?.p).toBeCloseTo(0.2208, 3);
  });
});

describe('few runs', () => {
  test('give a ratio without an interval, and no p-value', () => {
    const found = compareUnits([30, 31], [40, 41]);
    expect(found?.ratio).not.toHaveProperty('lo');
    expect(found?.p).toBe(1);
  });

  test('of which one did not get there cannot be compared', () => {
    expect(compareUnits([30, 31, Infinity], [30, 31, 32])).toBeUndefined();
    expect(coefficientOfVariation([30, Infinity])).toBeUndefined();
  });
});

test('the interval of a group holds how runs differ, not only how waves do', () => {
  const median = (waves: readonly Wave[]) => {
    const values = waves.flat().flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
    return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
  };
  const rng = createRng('group');
  const held = Array.from({ length: 100 }, (_, i) => {
    const runs = Array.from({ length: 5 }, () => {
      const effect = Math.exp(0.05 * rng.normal());
      const wave = () => [exactly(30 * effect * Math.exp(0.02 * rng.normal()))];
      return Array.from({ length: 10 }, wave);
    });
    const { lo = 0, hi = Infinity, spread } = groupEstimate(runs, median, i) ?? { runs: [] };
    expect(spread).toBeGreaterThan(0);
    return lo <= 30 && 30 <= hi;
  });
  expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(89);
});
