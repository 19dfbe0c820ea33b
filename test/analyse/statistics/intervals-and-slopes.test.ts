import { describe, expect, test } from 'vitest';
import { clustering } from '../../../src/analyse/statistics/cluster.ts';
import { clopperPearson } from '../../../src/analyse/statistics/proportion-interval.ts';
import { theilSen } from '../../../src/analyse/statistics/theil-sen.ts';
import {
  tIntervalOverWaves,
  widerWhereWavesAreFew,
} from '../../../src/analyse/statistics/wave-interval.ts';
import { waveTrend } from '../../../src/analyse/statistics/wave-trend.ts';
import { createRng } from '../../../src/core/rng.ts';

describe('the interval of a share', () => {
  test('Clopper-Pearson, printed values', () => {
    expect(clopperPearson(0, 10)).toEqual({ lo: 0, hi: expect.closeTo(0.3084971, 6) });
    expect(clopperPearson(10, 10)).toEqual({ lo: expect.closeTo(0.6915029, 6), hi: 1 });
    const half = clopperPearson(5, 10);
    expect(half.lo).toBeCloseTo(0.1870861, 6);
    expect(half.hi).toBeCloseTo(0.8129139, 6);
  });

  test('it holds the share and tightens with n', () => {
    const few = clopperPearson(99, 100);
    const many = clopperPearson(9_900, 10_000);
    expect(many.hi - many.lo).toBeLessThan((few.hi - few.lo) / 5);
    expect(many.lo).toBeLessThan(0.99);
    expect(many.hi).toBeGreaterThan(0.99);
  });
});

describe('Theil-Sen', () => {
  const x = Array.from({ length: 21 }, (_, i) => i);

  test('finds a line through outliers', () => {
    const y = x.map((value) => (value === 4 ? 1_000 : 3 + 2 * value));
    expect(theilSen(x, y)).toMatchObject({ slope: 2, intercept: 3 });
  });

  test('its interval holds the slope about as often as it says', () => {
    const rng = createRng('slopes');
    const holds = Array.from({ length: 300 }, () => {
      const found = theilSen(
        x,
        x.map((value) => 0.5 * value + rng.normal()),
      );
      return found !== undefined && found.interval.lo <= 0.5 && found.interval.hi >= 0.5;
    });
    const share = holds.filter(Boolean).length / holds.length;
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.99);
  });

  test('needs two different x, and more points for an interval', () => {
    expect(theilSen([1, 1], [2, 3])).toBeUndefined();
    expect(theilSen([1, 2], [2, 3])?.interval).toEqual({ lo: -Infinity, hi: Infinity });
  });

  test('a trend of waves is told from noise', () => {
    const rng = createRng('trend');
    const noise = x.map(() => Math.exp(0.1 * rng.normal()));
    expect(waveTrend(noise)).toBeUndefined();
    const trend = waveTrend(noise.map((value, wave) => value * 1.05 ** wave));
    expect(trend?.perWave).toBeCloseTo(0.05, 1);
    expect(trend?.lo).toBeGreaterThan(0);
    expect(waveTrend([1, 2, Number.POSITIVE_INFINITY])).toBeUndefined();
  });
});

describe('clustering', () => {
  test('of a textbook table', () => {
    const groups = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    // Between: 3 * 1.5^2 * 2 = 13.5 on 1; within: 4 on 4. (13.5 - 1) / (13.5 + 2).
    const found = clustering(groups);
    expect(found?.icc).toBeCloseTo(12.5 / 15.5, 12);
    expect(found?.designEffect).toBeCloseTo(1 + (2 * 12.5) / 15.5, 12);
  });

  test('is found again in simulated waves, and near 0 without', () => {
    const rng = createRng('icc');
    const waves = (shared: number) =>
      Array.from({ length: 200 }, () => {
        const effect = Math.sqrt(shared) * rng.normal();
        return Array.from({ length: 20 }, () => effect + Math.sqrt(1 - shared) * rng.normal());
      });
    expect(clustering(waves(0.2))?.icc).toBeCloseTo(0.2, 1);
    expect(Math.abs(clustering(waves(0))?.icc ?? 1)).toBeLessThan(0.02);
  });

  test('does not exist for one wave, single values, or no variation', () => {
    expect(clustering([[1, 2, 3]])).toBeUndefined();
    expect(clustering([[1], [2]])).toBeUndefined();
    expect(
      clustering([
        [1, 1],
        [1, 1],
      ]),
    ).toBeUndefined();
    expect(clustering([[], [1, 2]])).toBeUndefined();
  });
});

describe('intervals over waves', () => {
  const ten = Array.from({ length: 10 }, (_, i) => Math.exp(i / 10));

  test('refused below 8 waves, t where waves are few and it is wider, bootstrap from 20', () => {
    const narrow = { lo: 0.99, hi: 1.01 };
    expect(widerWhereWavesAreFew(narrow, 1, ten.slice(0, 7))).toEqual({
      lo: -Infinity,
      hi: Infinity,
    });
    expect(widerWhereWavesAreFew(narrow, 1, ten)).toEqual(tIntervalOverWaves(1, ten));
    expect(widerWhereWavesAreFew({ lo: 0, hi: 9 }, 1, ten)).toEqual({ lo: 0, hi: 9 });
    expect(widerWhereWavesAreFew(narrow, 1, [...ten, ...ten])).toEqual(narrow);
  });

  test('t on the log scale by hand, and linear where a value is not positive', () => {
    const { lo, hi } = tIntervalOverWaves(2, ten);
    const reach = (2.262157162740992 * Math.sqrt(82.5 / 9)) / 10 / Math.sqrt(10);
    expect(Math.log(hi / 2)).toBeCloseTo(reach, 9);
    expect(Math.log(2 / lo)).toBeCloseTo(reach, 9);
    const linear = tIntervalOverWaves(0, [-1, 0, 1]);
    expect(linear.hi).toBeCloseTo(4.302652729911275 / Math.sqrt(3), 9);
  });
});
