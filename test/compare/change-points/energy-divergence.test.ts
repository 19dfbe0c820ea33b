import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestSplit, pairSums } from '../../../src/compare/change-points/energy-divergence.ts';

/** Q by its definition, pair by pair. */
function divergence(x: readonly number[], y: readonly number[]): number {
  const [n, m] = [x.length, y.length];
  const within = (part: readonly number[]) =>
    part.reduce((sum, a, i) => {
      return sum + part.slice(i + 1).reduce((inner, b) => inner + Math.abs(a - b), 0);
    }, 0);
  const across = x.reduce((sum, a) => sum + y.reduce((inner, b) => inner + Math.abs(a - b), 0), 0);
  const spreadX = n > 1 ? (2 * m * within(x)) / ((n + m) * (n - 1)) : 0;
  const spreadY = m > 1 ? (2 * n * within(y)) / ((n + m) * (m - 1)) : 0;
  return (2 * across) / (n + m) - spreadX - spreadY;
}

const series = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 14 });
const from = fc.integer({ min: 0, max: 4 });

/** The largest divergence at each index over the ends allowed, by definition. */
function peaksOf(values: readonly number[], start: number, least: number): number[] {
  return values.map((_, index) => {
    let peak = -Infinity;
    if (index <= start) return peak;
    for (let end = Math.min(index + least, values.length); end <= values.length; end++) {
      peak = Math.max(peak, divergence(values.slice(start, index), values.slice(index, end)));
    }
    return peak;
  });
}

describe('the energy divergence', () => {
  test('of the best split is the largest over all splits and ends, by definition', () => {
    fc.assert(
      fc.property(series, from, (values, start) => {
        fc.pre(start < values.length);
        const found = bestSplit(pairSums(values), start, values.length, 1);
        const all = peaksOf(values, start, 1).filter((peak) => peak > -Infinity);
        if (all.length === 0) expect(found).toBeUndefined();
        else expect(found?.divergence).toBeCloseTo(Math.max(...all), 9);
      }),
    );
  });

  test('with a least segment is the largest of the peaks that leave room on both sides', () => {
    fc.assert(
      fc.property(series, from, fc.integer({ min: 2, max: 3 }), (values, start, least) => {
        fc.pre(start < values.length);
        const peaks = peaksOf(values, start, least);
        const found = bestSplit(pairSums(values), start, values.length, least);
        const isAllowed = (i: number) => i - start >= least && values.length - i >= least;
        const isPeak = (i: number, slack: number) =>
          [i - 1, i + 1].every((j) => (peaks[j] as number) <= (peaks[i] as number) + slack);
        const certain = peaks.filter((_, i) => isAllowed(i) && isPeak(i, -1e-9));
        if (found === undefined) expect(certain).toEqual([]);
        else {
          expect(isAllowed(found.index) && isPeak(found.index, 1e-9)).toBe(true);
          expect(found.divergence).toBeCloseTo(peaks[found.index] as number, 9);
          expect(found.divergence).toBeGreaterThanOrEqual(Math.max(...certain) - 1e-9);
        }
      }),
    );
  });

  test('an odd last value is no split of three, whatever its size', () => {
    const steady = [5, 5.1, 4.9, 5, 5.1, 4.9, 5, 5.1];
    expect(bestSplit(pairSums([...steady, 90]), 0, 9, 3)?.index).not.toBe(6);
    expect(bestSplit(pairSums([...steady, 90, 91, 89]), 0, 11, 3)?.index).toBe(8);
  });

  test('splits at the step, though a later one follows', () => {
    expect(bestSplit(pairSums([1, 1, 1, 9, 9, 9, 1, 1, 1]), 0, 9, 1)?.index).toBe(3);
  });

  test('of the second stretch is counted in the window', () => {
    expect(bestSplit(pairSums([5, 5, 5, 1, 1, 9, 9]), 3, 7, 2)?.index).toBe(5);
  });
});
