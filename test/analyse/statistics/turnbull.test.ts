import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kaplanMeier } from '../../../src/analyse/statistics/kaplan-meier.ts';
import { exactly, type Observation } from '../../../src/analyse/statistics/observation.ts';
import { turnbull, turnbullQuantile, type Mass } from '../../../src/analyse/statistics/turnbull.ts';
import { createRng } from '../../../src/core/rng.ts';
import { gold } from './gold.ts';

function between(lo: number, hi: number): Observation {
  return { state: 'reached', lo, hi };
}

/** Mixed exact, interval- and right-censored values, and failures. */
const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map(exactly),
  fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 4 })).map(([lo, width]) => {
    return between(lo, lo + width);
  }),
  fc.integer({ min: 1, max: 12 }).map((at): Observation => ({ state: 'censored', at })),
  fc.constant<Observation>({ state: 'failed' }),
);

function isInside(mass: Mass, value: Observation): boolean {
  if (value.state === 'failed') return mass.lo === Infinity;
  const [lo, hi] = value.state === 'censored' ? [value.at, Infinity] : [value.lo, value.hi];
  if (lo === hi) return mass.lo === lo && mass.hi === hi;
  return mass.lo === mass.hi ? mass.lo > lo && mass.hi <= hi : mass.lo >= lo && mass.hi <= hi;
}

function logLikelihood(sample: readonly Observation[], masses: readonly Mass[]): number {
  return sample.reduce((total, value) => {
    const inside = masses.filter((mass) => isInside(mass, value));
    return total + Math.log(inside.reduce((sum, { mass }) => sum + mass, 0));
  }, 0);
}

describe("Turnbull's estimate", () => {
  test('equals Kaplan-Meier on exact and right-censored values', () => {
    const sample = gold.km.t.map((t, i): Observation => {
      return gold.km.e[i] === 1 ? exactly(t) : { state: 'censored', at: t };
    });
    const curve = kaplanMeier(sample);
    let cumulated = 0;
    for (const { hi, mass } of turnbull(sample).masses) {
      cumulated += mass;
      const row = curve.times.indexOf(hi);
      expect(1 - cumulated).toBeCloseTo(curve.survival[row] as number, 6);
    }
  });

  test('puts mass on innermost intervals only, by hand', () => {
    const { masses } = turnbull([between(0, 2), between(1, 3), exactly(5), between(4, 6)]);
    expect(masses.map(({ lo, hi }) => [lo, hi])).toEqual([
      [1, 2],
      [5, 5],
    ]);
    expect(masses.map(({ mass }) => mass)).toEqual([
      expect.closeTo(0.5, 6),
      expect.closeTo(0.5, 6),
    ]);
  });

  test('(1, 2] and (2, 3] do not meet, (1, 2] and [2, 2] do', () => {
    expect(turnbull([between(1, 2), between(2, 3)]).masses).toHaveLength(2);
    const point = turnbull([between(1, 2), exactly(2)]).masses;
    expect(point).toEqual([{ lo: 2, hi: 2, mass: 1 }]);
  });

  test('a quantile is the interval that the data allow, or none', () => {
    const fit = turnbull([between(0, 1), between(2, 4), { state: 'failed' }]);
    expect(turnbullQuantile(fit, 0.33)).toEqual({ lo: 0, hi: 1 });
    expect(turnbullQuantile(fit, 0.5)).toEqual({ lo: 2, hi: 4 });
    expect(turnbullQuantile(fit, 0.7)).toBeUndefined();
  });

  test('masses sum to 1, each value is covered, and no small shift of mass is likelier', () => {
    const sample = fc.array(observation, { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sample, fc.integer(), (values, seed) => {
        const { masses } = turnbull(values);
        expect(masses.reduce((sum, { mass }) => sum + mass, 0)).toBeCloseTo(1, 9);
        const best = logLikelihood(values, masses);
        expect(best).toBeGreaterThan(-Infinity);
        const rng = createRng(seed);
        for (let trial = 0; trial < 20; trial++) {
          const other = masses.map((m) => ({ ...m, mass: m.mass * 0.97 + 0.03 * rng.next() }));
          const total = other.reduce((sum, { mass }) => sum + mass, 0);
          const shifted = other.map((m) => ({ ...m, mass: m.mass / total }));
          expect(logLikelihood(values, shifted)).toBeLessThanOrEqual(best + 1e-4);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('finds the distribution again through gaps, where upper ends would be late', () => {
    const rng = createRng('gaps');
    const truth = Array.from({ length: 4_000 }, () => 30 * Math.exp(0.25 * rng.normal()));
    const seen = truth.map((value) => {
      if (rng.next() < 0.5) return exactly(value);
      const lo = value - 6 * rng.next();
      return between(lo, lo + 6);
    });
    const median = turnbullQuantile(turnbull(seen), 0.5);
    expect(median?.hi).toBeGreaterThan(29.4);
    expect(median?.hi).toBeLessThan(30.6);
  });
});
