import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  kaplanMeier,
  restrictedMean,
  survivalBand,
  survivalQuantileInterval,
} from '../../../src/analyse/statistics/kaplan-meier.ts';
import { exactly, type Observation } from '../../../src/analyse/statistics/observation.ts';
import { ascending, quantileSorted } from '../../../src/analyse/statistics/quantile.ts';
import { gold } from './gold.ts';
import { survivalQuantile } from './survival-quantile.ts';

const FAILED: Observation = { state: 'failed' };

function censored(at: number): Observation {
  return { state: 'censored', at };
}

const goldSample = gold.km.t.map((t, i) => (gold.km.e[i] === 1 ? exactly(t) : censored(t)));

describe('the Kaplan-Meier curve', () => {
  test('equals scipy on 60 values, a third of them censored', () => {
    const curve = kaplanMeier(goldSample);
    expect(curve.times).toEqual(gold.km.q);
    curve.survival.forEach((s, i) => expect(s).toBeCloseTo(gold.km.S[i] as number, 12));
  });

  test('has the log-log band of scipy', () => {
    const band = survivalBand(kaplanMeier(goldSample));
    band.forEach(({ lo, hi }, i) => {
      const [low, high] = [gold.km.lo[i], gold.km.hi[i]];
      if (typeof low === 'number') expect(lo).toBeCloseTo(low, 10);
      else expect(lo).toBeNaN();
      if (typeof high === 'number') expect(hi).toBeCloseTo(high, 10);
      else expect(hi).toBeNaN();
    });
  });

  test('is 1 - ECDF where nothing is censored, and gives type-1 quantiles', () => {
    const sample = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 200 });
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(sample, share, (values, q) => {
        const curve = kaplanMeier(values.map(exactly));
        curve.times.forEach((time, i) => {
          const above = values.filter((value) => value > time).length;
          expect(curve.survival[i]).toBeCloseTo(above / values.length, 9);
        });
        expect(survivalQuantile(curve, q)).toBe(quantileSorted(ascending(values), q));
      }),
    );
  });

  test('counts an interval at its upper end, when it was seen', () => {
    const curve = kaplanMeier([{ state: 'reached', lo: 1, hi: 5 }, exactly(3)]);
    expect(curve.times).toEqual([3, 5]);
    expect(curve.survival).toEqual([0.5, 0]);
  });

  test('levels out at the share that fails: failures are neither dropped nor censored', () => {
    const curve = kaplanMeier([exactly(1), exactly(2), exactly(3), FAILED]);
    expect(curve.survival).toEqual([0.75, 0.5, 0.25]);
    expect(survivalQuantile(curve, 0.75)).toBe(3);
    expect(survivalQuantile(curve, 0.76)).toBeUndefined();
  });

  test('moves the weight of a censored value to those after it', () => {
    const curve = kaplanMeier([exactly(1), censored(1.5), exactly(2), exactly(3)]);
    expect(curve.survival).toEqual([0.75, 0.75, 0.375, 0]);
    expect(survivalQuantile(curve, 0.5)).toBe(2);
  });

  test('its quantile interval is wide where few are left, and open where it never falls', () => {
    const values = Array.from({ length: 40 }, (_, i) => exactly(i + 1));
    const median = survivalQuantileInterval(kaplanMeier(values), 0.5);
    expect(median.lo).toBeGreaterThan(10);
    expect(median.lo).toBeLessThan(20);
    expect(median.hi).toBeGreaterThan(20);
    expect(median.hi).toBeLessThan(30);
    const tail = kaplanMeier([...values, ...Array.from({ length: 40 }, () => censored(40))]);
    expect(survivalQuantileInterval(tail, 0.5).hi).toBe(Number.POSITIVE_INFINITY);
  });

  test('its restricted mean is the mean of min(value, until)', () => {
    const curve = kaplanMeier([exactly(2), exactly(4), exactly(100), FAILED]);
    expect(restrictedMean(curve, 10)).toBeCloseTo((2 + 4 + 10 + 10) / 4, 12);
    expect(restrictedMean(curve, 3)).toBeCloseTo((2 + 3 + 3 + 3) / 4, 12);
  });
});
