import { describe, expect, test } from 'vitest';
import { residualAutocorrelation } from '../../../src/compare/change-points/autocorrelation.ts';
import { mergePoints, type MergeOptions } from '../../../src/compare/change-points/merge.ts';
import { compareSegments } from '../../../src/compare/change-points/segment-test.ts';
import { splitSeries, weakLevel } from '../../../src/compare/change-points/split.ts';
import { createRng } from '../../../src/core/rng.ts';

function noisy(name: string, levels: readonly number[]): number[] {
  const rng = createRng(name);
  return levels.map((level) => level + 0.1 * rng.normal());
}

function run(count: number, level: number): number[] {
  return Array.from({ length: count }, () => level);
}

describe('the t-test between segments', () => {
  test('equals the textbook', () => {
    // Means 2 and 5, variances 1 and 1, n = 3 and 3: t = 3 / sqrt(2/3), 4 degrees of freedom.
    const found = compareSegments([1, 2, 3, 4, 5, 6], 0, 3, 6, 'sample');
    expect(found.p).toBeCloseTo(0.021311641128756727, 12);
    expect(found.before).toEqual({ n: 3, mean: 2, deviation: 1 });
  });

  test('the population deviation makes p smaller', () => {
    const p = (kind: 'sample' | 'population') =>
      compareSegments([1, 2, 3, 4, 5, 6], 0, 3, 6, kind).p;
    expect(p('population')).toBeLessThan(p('sample'));
  });

  test('one value against one is never significant; one against many may be', () => {
    expect(compareSegments([1, 9], 0, 1, 2, 'sample').p).toBe(1);
    const odd = [...noisy('odd', run(20, 1)), 9];
    expect(compareSegments(odd, 0, 20, 21, 'sample').p).toBeLessThan(1e-6);
  });
});

describe('the first pass', () => {
  const options = { window: 50, weakP: 0.01, minSegment: 3, deviation: 'sample' } as const;

  test('finds a step once, though two windows see it', () => {
    const series = noisy('twice', [...run(30, 1), ...run(90, 2)]);
    expect(splitSeries(series, options)).toContain(30);
    expect(new Set(splitSeries(series, options)).size).toBe(splitSeries(series, options).length);
  });

  test('finds a step on the edge of a window in the next', () => {
    const series = noisy('edge', [...run(49, 1), ...run(51, 2)]);
    expect(splitSeries(series, options)).toContain(49);
  });

  test('works at a relaxed level', () => {
    expect([0.001, 0.1, 0.6].map(weakLevel)).toEqual([0.01, 0.2, 0.6]);
  });
});

describe('the second pass', () => {
  const options: MergeOptions = {
    maxP: 0.001,
    minMagnitude: 0.05,
    magnitude: ({ before, after }) => Math.abs(after.mean / before.mean - 1),
    deviation: 'sample',
    staleLeft: false,
  };
  const series = noisy('merge', [...run(20, 1), ...run(20, 2), ...run(20, 4)]);

  test('keeps real points and drops made-up ones', () => {
    const kept = mergePoints(series, [8, 20, 33, 40, 51], options);
    expect(kept.map(({ index }) => index)).toEqual([20, 40]);
  });

  test('states figures of the final segments on both sides', () => {
    const [first, second] = mergePoints(series, [8, 20, 33, 40, 51], options);
    expect(first?.test).toEqual(compareSegments(series, 0, 20, 40, 'sample'));
    expect(second?.test).toEqual(compareSegments(series, 20, 40, 60, 'sample'));
  });

  test('with the left neighbour left stale, its figures are of a segment that is gone', () => {
    const [first] = mergePoints(series, [20, 33, 40], { ...options, staleLeft: true });
    expect(first?.test.after.n).toBe(13);
    const [fresh] = mergePoints(series, [20, 33, 40], options);
    expect(fresh?.test.after.n).toBe(20);
  });

  test('of no points is no points', () => {
    expect(mergePoints(series, [], options)).toEqual([]);
  });
});

describe('residual autocorrelation', () => {
  test('is high for a series that wanders, low for noise, and blind to steps it is told of', () => {
    const rng = createRng('ar');
    let state = 0;
    const wander = Array.from({ length: 500 }, () => (state = 0.6 * state + rng.normal()));
    expect(residualAutocorrelation(wander, [])).toBeCloseTo(0.6, 1);
    const stepped = noisy('steps', [...run(50, 1), ...run(50, 9)]);
    expect(residualAutocorrelation(stepped, [])).toBeGreaterThan(0.9);
    expect(Math.abs(residualAutocorrelation(stepped, [50]) ?? 1)).toBeLessThan(0.25);
  });

  test('is unknown for few or equal values', () => {
    expect(residualAutocorrelation([1, 2, 3], [])).toBeUndefined();
    expect(residualAutocorrelation(run(50, 3), [])).toBeUndefined();
  });
});
