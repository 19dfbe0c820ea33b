import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PointEstimate } from '../../../src/analyse/statistics/estimate.ts';
import {
  exactly,
  type Observation,
  type Wave,
} from '../../../src/analyse/statistics/observation.ts';
import { estimateQuantile } from '../../../src/analyse/statistics/quantile-estimate.ts';
import { QUANTILES, summarise } from '../../../src/analyse/statistics/summarise.ts';
import { createRng } from '../../../src/core/rng.ts';
import { lognormalWaves } from './coverage-simulation.ts';

const FAILED: Observation = { state: 'failed' };
const SEED = { seed: 1, resamples: 400 };

function late(at: number): Observation {
  return { state: 'censored', at };
}

function iota(count: number): Observation[] {
  return Array.from({ length: count }, (_, i) => exactly(i + 1));
}

describe('a quantile of any sample', () => {
  test('is over the deadline among the censored, never among the failed', () => {
    const sample = [...iota(90), ...Array.from({ length: 8 }, () => late(600)), FAILED, FAILED];
    expect(estimateQuantile(sample, 0.9).estimate).toEqual({ value: 90 });
    expect(estimateQuantile(sample, 0.95).estimate).toEqual({ over: 600 });
    expect(estimateQuantile(sample, 0.98).estimate).toEqual({ over: 600 });
    expect(estimateQuantile(sample, 0.99).estimate).toEqual({ never: true });
  });

  test('over the earliest certain time, where values were given up at different times', () => {
    const early = Array.from({ length: 5 }, () => late(60));
    const later = Array.from({ length: 5 }, () => late(600));
    expect(estimateQuantile([...iota(50), ...early, ...later], 0.9).estimate).toEqual({ over: 60 });
  });

  test('of intervals lies in an interval', () => {
    const point = estimateQuantile([exactly(1), { state: 'reached', lo: 4, hi: 9 }], 0.9);
    expect(point).toEqual({ estimate: { value: 9 }, within: { lo: 4, hi: 9 } });
    expect(estimateQuantile([exactly(1), { state: 'reached', lo: 4, hi: 9 }, FAILED], 0.9)).toEqual(
      {
        estimate: { never: true },
      },
    );
  });
});

describe('a summary', () => {
  const waves = lognormalWaves({ waves: 20, perWave: 100, icc: 0.2 }, createRng('summary'));

  test('of plentiful clustered waves has every interval, around its value', () => {
    const summary = summarise(waves, SEED);
    expect(summary).toMatchObject({ n: 2_000, reached: 2_000, failed: 0, censored: 0, waves: 20 });
    // The far tails would rest on too few of the waves.
    const { p95, p99, ...carried } = summary.quantiles;
    for (const tail of [p95, p99]) expect(tail).not.toHaveProperty('hi');
    for (const estimate of [...Object.values(carried), summary.mean]) {
      if (estimate === undefined || !('value' in estimate)) throw new Error('no value');
      expect(estimate.lo).toBeLessThan(estimate.value);
      expect(estimate.hi).toBeGreaterThan(estimate.value);
    }
    expect(summary.icc).toBeCloseTo(0.2, 0);
    expect(summary.designEffect).toBeGreaterThan(10);
    expect(summary.method).toBe('inverse-ecdf');
    expect(summary.successShare).toMatchObject({ value: 1, hi: 1 });
    expect(summary.warnings.join()).toContain('p99 rests on about');
  });

  test('is the same for the same seed, and differs in its intervals alone for another', () => {
    expect(summarise(waves, SEED)).toEqual(summarise(waves, SEED));
    const [one, two] = [summarise(waves, SEED), summarise(waves, { ...SEED, seed: 2 })];
    expect(two).not.toEqual(one);
    expect(two.mean?.value).toBe(one.mean?.value);
  });

  test('does not depend on the order within waves', () => {
    const turned = waves.map((wave) => [...wave].reverse());
    const { mean, ...rest } = summarise(waves, SEED);
    const again = summarise(turned, SEED);
    expect(again).toMatchObject(rest);
    expect(again.mean?.lo).toBeCloseTo(mean?.lo as number, 9);
  });

  test('of few waves has no interval and says so', () => {
    const summary = summarise(waves.slice(0, 7), SEED);
    expect(summary.quantiles.p50).not.toHaveProperty('lo');
    expect(summary.mean).not.toHaveProperty('hi');
    expect(summary.warnings).toContain('need >= 8 waves for intervals, have 7');
  });

  test('of one value a wave has exact rank intervals, and refuses p99', () => {
    const shuffled = createRng('order').shuffled(iota(100));
    const summary = summarise(
      shuffled.map((value) => [value]),
      SEED,
    );
    expect(summary.quantiles.p50).toEqual({ value: 50, lo: 40, hi: 61 });
    expect(summary.quantiles.p95).toEqual({ value: 95, lo: 90, hi: 100 });
    expect(summary.quantiles.p99).toEqual({ value: 99, lo: 97 });
    expect(summary.quantilesType7.p99).toBeCloseTo(99.01, 9);
    expect(summary.warnings).toEqual([
      'need >= 368 values for a two-sided 95 % bound of p99, have 100',
    ]);
    expect(summary).not.toHaveProperty('icc');
  });

  test('of one value a wave given up early uses the survival curve', () => {
    const sample = iota(100).map((value, i) => [i % 10 === 0 ? late(0.5) : value]);
    const { method, quantiles } = summarise(sample, SEED);
    expect(method).toBe('kaplan-meier');
    expect(quantiles.p50).toMatchObject({ value: 50 });
    expect(quantiles.p50).toHaveProperty('hi');
  });

  test('counts everything, and takes mean, min and max over the reached', () => {
    const failing = waves.map((wave, w): Wave => [...wave, w < 3 ? FAILED : late(600)]);
    const summary = summarise(failing, SEED);
    expect(summary).toMatchObject({ n: 2_020, reached: 2_000, failed: 3, censored: 17 });
    expect(summary.warnings[0]).toBe('reachedOnly');
    expect(summary.mean?.value).toBeCloseTo(summarise(waves, SEED).mean?.value as number, 9);
    expect(summary.successShare.value).toBeCloseTo(2_000 / 2_020, 12);
  });

  test('failures in clusters widen the success share', () => {
    const failing = waves.map((wave, w): Wave => (w < 2 ? wave.map(() => FAILED) : wave));
    const { lo = 1, hi = 0 } = summarise(failing, SEED).successShare;
    expect(hi - lo).toBeGreaterThan(0.15);
  });

  test('a quantile in the misses has no interval; one near them no upper end', () => {
    const failing = waves.map((wave, w): Wave => wave.map((o, i) => (i < w ? FAILED : o)));
    const { quantiles, warnings } = summarise(failing, SEED);
    expect(quantiles.p99).toEqual({ never: true });
    expect(quantiles.p90).not.toHaveProperty('hi');
    expect(warnings.join()).toContain('no upper bound of p90');
  });

  test('of nothing reached has no mean', () => {
    const summary = summarise([[late(10), FAILED]], SEED);
    expect(summary.quantiles).toMatchObject({ p50: { over: 10 }, p90: { never: true } });
    for (const key of ['mean', 'min', 'max', 'icc']) expect(summary).not.toHaveProperty(key);
    expect(summary.quantilesType7).toEqual({});
  });

  test('of intervals alone has points at upper ends, inside of all that the data allow', () => {
    const within = fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 100 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(within, fc.boolean(), (draft, isClustered) => {
        const values = draft.map(([lo, width]): Observation => {
          return { state: 'reached', lo, hi: lo + width };
        });
        const waves = isClustered ? [values] : values.map((value) => [value]);
        const { quantiles } = summarise(waves, { seed: 1, resamples: 50 });
        const ends = (end: 0 | 1) =>
          draft.map(([lo, width]) => lo + end * width).sort((a, b) => a - b);
        for (const [name, q] of Object.entries(QUANTILES)) {
          const rank = Math.ceil(q * draft.length) - 1;
          const {
            value,
            lo = -Infinity,
            hi = Infinity,
          } = quantiles[name as keyof typeof quantiles] as PointEstimate;
          expect(value).toBeGreaterThanOrEqual(ends(0)[rank] as number);
          expect(value).toBeLessThanOrEqual(ends(1)[rank] as number);
          expect(lo).toBeLessThanOrEqual(value);
          expect(hi).toBeGreaterThanOrEqual(value);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of intervals alone says between what its quantiles lie, also where waves are few', () => {
    const values = Array.from({ length: 20 }, (_, i): Observation => {
      return { state: 'reached', lo: 0, hi: 100 - i };
    });
    const { quantiles, mean, warnings } = summarise([values], { seed: 1 });
    expect(quantiles.p50).toEqual({ value: 81 });
    expect(mean?.value).toBe(90.5);
    expect(warnings).toContain('p50 may lie anywhere in 0 to 90');
  });

  test('intervals of values widen intervals of estimates', () => {
    const gaps = waves.map((wave): Wave => {
      return wave.map((o) => (o.state === 'reached' ? { ...o, lo: o.hi - 5 } : o));
    });
    const [exact, wide] = [summarise(waves, SEED), summarise(gaps, SEED)];
    expect(wide.method).toBe('turnbull');
    expect(wide.mean?.value).toBe(exact.mean?.value);
    expect(wide.mean?.lo).toBeLessThan((exact.mean?.lo as number) - 4);
    expect(wide.quantilesType7).toEqual({});
    expect(wide.warnings.join()).toContain('2000 of 2000 values are known to an interval only');
  });

  test('waves that trend are resampled within thirds, and said to trend', () => {
    const rising = waves.map((wave, w): Wave => {
      return wave.map((o) => exactly((o.state === 'reached' ? o.hi : 0) * 1.2 ** w));
    });
    const summary = summarise(rising, SEED);
    expect(summary.trend?.perWave).toBeCloseTo(0.2, 1);
    expect(summary.warnings.join()).toContain('waves trend by');
    const without = summarise(createRng('order').shuffled(rising), SEED);
    expect(without).not.toHaveProperty('trend');
    const width = ({ mean }: typeof summary) => (mean?.hi as number) - (mean?.lo as number);
    expect(width(summary)).toBeLessThan(0.7 * width(without));
  });

  test('identical values have intervals of no length', () => {
    const same = Array.from({ length: 20 }, () => Array.from({ length: 5 }, () => exactly(7)));
    const { quantiles, mean } = summarise(same, SEED);
    expect(quantiles.p50).toEqual({ value: 7, lo: 7, hi: 7 });
    expect(mean).toEqual({ value: 7, lo: 7, hi: 7 });
  });

  test('zero values, as send lags may be, do not upset the logarithms', () => {
    const zeros = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => exactly(0)));
    expect(summarise(zeros, SEED).quantiles.p90).toEqual({ value: 0, lo: 0, hi: 0 });
  });

  test('empty waves are left out; no observation at all is a defect of the caller', () => {
    expect(summarise([[], iota(3)], SEED).waves).toBe(1);
    expect(() => summarise([[]], SEED)).toThrow('at least one observation');
  });
});
