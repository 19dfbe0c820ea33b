import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benjaminiHochberg } from '../../../src/analyse/statistics/benjamini-hochberg.ts';
import { hodgesLehmann } from '../../../src/analyse/statistics/hodges-lehmann.ts';
import { permuteLabels, permuteSigns } from '../../../src/analyse/statistics/permutation-test.ts';
import { ascending, quantileSorted } from '../../../src/analyse/statistics/quantile.ts';
import { cliffsDelta } from '../../../src/analyse/statistics/rank-tests.ts';
import { judge } from '../../../src/analyse/statistics/verdict.ts';
import { createRng } from '../../../src/core/rng.ts';
import { gold } from './gold.ts';

const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 20 });

describe('rank tests', () => {
  test("Cliff's delta counts pairs, and failures as infinite", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const signs = a.flatMap((x) => b.map((y) => Math.sign(x - y)));
        const known = signs.reduce<number>((sum, sign) => sum + sign, 0) / signs.length;
        expect(cliffsDelta(a, b)).toBeCloseTo(known, 12);
        expect(cliffsDelta(b, a)).toBeCloseTo(-known, 12);
      }),
    );
    expect(cliffsDelta([Infinity, Infinity], [Infinity, 1])).toBe(0.5);
  });

  test('Hodges-Lehmann equals scipy, and the median of all differences', () => {
    expect(hodgesLehmann(gold.y, gold.x)).toBeCloseTo(gold.hl, 12);
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const differences = ascending(a.flatMap((x) => b.map((y) => x - y)));
        expect(hodgesLehmann(a, b)).toBeCloseTo(quantileSorted(differences, 0.5, 7), 12);
      }),
    );
    expect(hodgesLehmann([], [1])).toBeNaN();
  });

  test('Hodges-Lehmann finds a shift of 6,000 against 6,000', () => {
    const a = Array.from({ length: 6_000 }, (_, i) => i / 100);
    expect(
      hodgesLehmann(
        a.map((x) => x + 7.5),
        a,
      ),
    ).toBeCloseTo(7.5, 9);
  });
});

describe('the wave-label permutation test', () => {
  const rng = createRng('permutation');

  test('cannot go below 2/70 with 4 + 4 waves, 2/252 with 5 + 5, 2/924 with 6 + 6', () => {
    const smallest = (waves: number) => {
      const a = Array.from({ length: waves }, (_, i) => i / 100);
      return permuteLabels(
        a,
        a.map((x) => x + 10),
        rng,
      );
    };
    expect(smallest(4)).toEqual({ p: 2 / 70, labellings: 70, isExhaustive: true });
    expect(smallest(5).p).toBe(2 / 252);
    expect(smallest(6).p).toBe(2 / 924);
  });

  test('of a table by hand', () => {
    // {1,2} against {3,5}: offsets of the sums 3,4,6,5,7,8 of pairs from 5.5; 3 and 8 are as far.
    expect(permuteLabels([1, 2], [3, 5], rng).p).toBe(2 / 6);
    expect(permuteLabels([1, 5], [2, 3], rng).p).toBe(1);
  });

  test('does not care which arm is named first', () => {
    const arm = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(arm, arm, (a, b) => {
        expect(permuteLabels(a, b, rng).p).toBeCloseTo(permuteLabels(b, a, rng).p, 12);
      }),
    );
  });

  test('beyond 20,000 labellings draws 9,999, with p never 0', () => {
    const a = Array.from({ length: 20 }, (_, i) => i / 100);
    const found = permuteLabels(
      a,
      a.map((x) => x + 10),
      rng,
    );
    expect(found).toEqual({ p: 1 / 10_000, labellings: 9_999, isExhaustive: false });
  });

  test('infinite medians make it a test of ranks', () => {
    const found = permuteLabels([1, 2, 3, 4], [5, 6, Infinity, Infinity], rng);
    expect(found.p).toBe(2 / 70);
  });

  test('under no difference p is below 0.1 in about a tenth of cases', () => {
    const draws = createRng('null');
    const arm = () => Array.from({ length: 6 }, () => draws.normal());
    const small = Array.from({ length: 400 }, () => permuteLabels(arm(), arm(), rng).p < 0.1);
    const share = small.filter(Boolean).length / small.length;
    expect(share).toBeGreaterThan(0.06);
    expect(share).toBeLessThan(0.14);
  });

  test('pairs flip signs: 2/64 at best with 6', () => {
    expect(permuteSigns([1, 2, 3, 4, 5, 6], rng).p).toBe(2 / 64);
    expect(permuteSigns([1, -1, 1, -1], rng).p).toBe(1);
    expect(permuteSigns([1, 2, Infinity, 3, 4, 5], rng).p).toBe(2 / 64);
    expect(
      permuteSigns(
        Array.from({ length: 20 }, () => 1),
        rng,
      ).isExhaustive,
    ).toBe(false);
  });
});

describe('Benjamini-Hochberg', () => {
  test('equals scipy', () => {
    benjaminiHochberg(gold.ps).forEach((q, i) => expect(q).toBeCloseTo(gold.bh[i] as number, 12));
  });

  test('is never below p or above 1, keeps order, and forgets positions', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 30 }), (ps) => {
        const qs = benjaminiHochberg(ps);
        ps.forEach((each, i) => {
          expect(qs[i]).toBeGreaterThanOrEqual(each * (1 - 1e-12));
          expect(qs[i]).toBeLessThanOrEqual(1);
          ps.forEach((other, j) => {
            if (each <= other) expect(qs[i]).toBeLessThanOrEqual(qs[j] as number);
          });
        });
        expect(benjaminiHochberg([...ps].reverse())).toEqual([...qs].reverse());
      }),
    );
    expect(benjaminiHochberg([])).toEqual([]);
  });
});

describe('the verdict', () => {
  const latency = { q: 0.01, direction: 'lowerIsBetter' } as const;

  test('better and worse take an interval off 1 and a q in the limit', () => {
    expect(judge({ ...latency, ratio: { value: 1.3, lo: 1.1, hi: 1.5 } })).toBe('better');
    expect(judge({ ...latency, ratio: { value: 0.8, lo: 0.7, hi: 0.9 } })).toBe('worse');
    expect(judge({ ...latency, q: 0.06, ratio: { value: 1.3, lo: 1.1, hi: 1.5 } })).toBe(
      'inconclusive',
    );
    expect(judge({ ...latency, ratio: { value: 1.3, lo: 0.9, hi: 1.5 } })).toBe('inconclusive');
  });

  test('throughput turns it round', () => {
    const ratio = { value: 1.3, lo: 1.1, hi: 1.5 };
    expect(judge({ ratio, q: 0.01, direction: 'higherIsBetter' })).toBe('worse');
  });

  test('unchanged takes an interval within 5 % of 1, significant or not', () => {
    const ratio = { value: 1.02, lo: 1.01, hi: 1.03 };
    expect(judge({ ...latency, ratio })).toBe('unchanged');
    expect(judge({ ...latency, q: 0.9, ratio })).toBe('unchanged');
    expect(judge({ ...latency, q: 0.9, ratio: { value: 1, lo: 0.94, hi: 1.02 } })).toBe(
      'inconclusive',
    );
  });

  test('without an interval or a q it is inconclusive', () => {
    expect(judge({ ...latency, ratio: { value: 10 } })).toBe('inconclusive');
    expect(judge({ ...latency, ratio: undefined })).toBe('inconclusive');
    const ratio = { value: 1.3, lo: 1.1, hi: 1.5 };
    expect(judge({ ...latency, q: undefined, ratio })).toBe('inconclusive');
  });
});
