import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CORRECTED,
  detectChangePoints,
  OTAVA,
  type DetectorOptions,
} from '../../../src/compare/change-points/detect-change-points.ts';
import { createRng } from '../../../src/core/rng.ts';

interface SyntheticCase {
  readonly name: string;
  readonly series: readonly number[];
  readonly expect_corrected: readonly number[];
  readonly expect_otavaCompat: readonly number[];
}

const FILE = new URL('../../fixtures/edivisive-synthetic.json', import.meta.url);
const cases = JSON.parse(readFileSync(FILE, 'utf8')) as readonly SyntheticCase[];

function indexes(series: readonly number[], options?: DetectorOptions): number[] {
  return detectChangePoints(series, options).changePoints.map((point) => point.index);
}

/** Noise around `level`, in per cent. */
function noisy(name: string, levels: readonly number[], percent: number): number[] {
  const rng = createRng(name);
  return levels.map((level) => level * (1 + (percent / 100) * rng.normal()));
}

function steps(...runs: readonly (readonly [count: number, level: number])[]): number[] {
  return runs.flatMap(([count, level]) => Array.from({ length: count }, () => level));
}

describe('change points of the synthetic series', () => {
  test.each(cases)('$name', (synthetic) => {
    expect(indexes(synthetic.series)).toEqual(synthetic.expect_corrected);
    // The expected points of the compatible mode were made with a limit of 5 %.
    const otava = indexes(synthetic.series, { ...OTAVA, minMagnitude: 0.05 });
    expect(otava).toEqual(synthetic.expect_otavaCompat);
  });
});

describe('a change point', () => {
  test('is the first value of the new level, with both levels and their ratio', () => {
    const series = noisy('step', steps([30, 40], [20, 50]), 2);
    const [point, ...rest] = detectChangePoints(series).changePoints;
    expect(rest).toEqual([]);
    expect(point).toMatchObject({ index: 30, before: { n: 30 }, after: { n: 20 } });
    expect(point?.before.lo).toBeLessThan(40);
    expect(point?.before.hi).toBeGreaterThan(40);
    expect(point?.after.value).toBeCloseTo(50, 0);
    expect(point?.ratio).toBeCloseTo(1.25, 1);
    expect(point?.p).toBeLessThan(1e-10);
  });

  test('is found three nights after the step, and not before', () => {
    const series = noisy('late', steps([50, 30], [3, 45]), 2);
    expect(indexes(series)).toEqual([50]);
    expect(indexes(series.slice(0, 52))).toEqual([]);
    expect(indexes(series.slice(0, 51))).toEqual([]);
  });

  test('stays where it is when the unit changes', () => {
    const series = noisy('unit', steps([40, 30], [40, 36], [40, 30]), 3);
    expect(indexes(series)).toEqual([40, 80]);
    expect(indexes(series.map((value) => value * 1_000))).toEqual([40, 80]);
  });

  test('below the limit of magnitude is not named', () => {
    const series = noisy('small', steps([40, 100], [40, 103]), 0.3);
    expect(indexes(series)).toEqual([]);
    expect(indexes(series, { ...CORRECTED, minMagnitude: 0.01 })).toEqual([40]);
  });

  test('is found beyond the first window', () => {
    const series = noisy('long', steps([170, 30], [130, 36], [200, 30]), 3);
    expect(indexes(series)).toEqual([170, 300]);
  });
});

describe('detection', () => {
  test.each([0, 1, 2, 5])('of %i values finds nothing and does not fail', (count) => {
    expect(detectChangePoints(steps([count, 30])).changePoints).toEqual([]);
    expect(detectChangePoints(steps([count, 30]), OTAVA).changePoints).toEqual([]);
  });

  test('of equal values finds nothing, whatever their rounding', () => {
    for (const value of [1, 0.1, 1 / 3, 1e-9, 12_345.678, 0]) {
      expect(indexes(steps([100, value]))).toEqual([]);
      expect(indexes(steps([100, value]), OTAVA)).toEqual([]);
    }
  });

  test('of two constant levels finds the step', () => {
    const found = detectChangePoints(steps([20, 30], [20, 33])).changePoints;
    expect(found).toMatchObject([{ index: 20, p: 0, ratio: expect.closeTo(1.1, 9) }]);
  });

  test('an odd night alone is no change, though the compatible mode may take it for one', () => {
    const series = noisy('odd', steps([40, 30], [1, 60], [39, 30]), 3);
    expect(indexes(series)).toEqual([]);
  });

  test('two extreme last values hide no change before them', () => {
    const series = noisy('hidden', steps([30, 30], [8, 36]), 3);
    expect(indexes(series)).toEqual([30]);
    expect(indexes([...series, 300])).toEqual([30]);
    expect(indexes([...series, 300, 320])).toEqual([30]);
  });

  test('values that are not positive are judged on the linear scale, and it is said', () => {
    const series = noisy('zero', steps([30, 1], [30, 2]), 5).map((value) => value - 1.5);
    const found = detectChangePoints(series);
    expect(found.scale).toBe('linear');
    expect(found.changePoints.map((point) => point.index)).toEqual([30]);
    expect(found.warnings.join()).toContain('not all values are positive');
  });

  test('of a wandering series asks for ten times more, and says so', () => {
    const rng = createRng('wander');
    let state = 0;
    const series = Array.from({ length: 200 }, () => {
      state = 0.7 * state + 0.05 * rng.normal();
      return 30 * Math.exp(state);
    });
    const found = detectChangePoints(series);
    expect(found.autocorrelation).toBeGreaterThan(0.3);
    expect(found.maxP).toBeCloseTo(0.0001, 12);
    expect(found.warnings.join()).toContain('not independent');
    const careless = detectChangePoints(series, { ...CORRECTED, heedsAutocorrelation: false });
    expect(careless.maxP).toBe(0.001);
    expect(found.changePoints.length).toBeLessThanOrEqual(careless.changePoints.length);
  });

  test('keeps segments of at least three, in order, all significant', () => {
    const series = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { maxLength: 120 });
    fc.assert(
      fc.property(series, (values) => {
        const { changePoints, maxP } = detectChangePoints(values);
        const edges = [0, ...changePoints.map((point) => point.index), values.length];
        edges.slice(1).forEach((edge, i) => {
          if (values.length >= 3) expect(edge - (edges[i] as number)).toBeGreaterThanOrEqual(3);
        });
        for (const { p, before, after } of changePoints) {
          expect(p).toBeLessThan(maxP);
          expect(Math.max(after.value / before.value, before.value / after.value)).toBeGreaterThan(
            1.05,
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  test('seldom cries wolf: 100 flat series of 100 nights', () => {
    const found = Array.from({ length: 100 }, (_, i) => {
      return indexes(noisy(`flat:${i}`, steps([100, 30]), 5)).length;
    });
    expect(found.filter((count) => count > 0).length).toBeLessThanOrEqual(4);
  });
});
