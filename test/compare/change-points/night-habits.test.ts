import { describe, expect, test } from 'vitest';
import { nightHabits, sumNights } from '../../../src/compare/change-points/night-habits.ts';
import { createRng } from '../../../src/core/rng.ts';

function nights(name: string, correlation: number, count = 105): number[] {
  const rng = createRng(name);
  let state = rng.normal();
  return Array.from({ length: count }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * rng.normal();
    return 0.05 * state;
  });
}

const habits = (figures: readonly (readonly number[])[]) =>
  nightHabits(figures.map((values) => sumNights(values, 0.01)));

const family = (correlations: readonly number[], seed = 0) =>
  habits(correlations.map((r, i) => nights(`${seed}/${i}`, r))).map(
    ({ correlation }) => correlation,
  );

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('how nights follow each other', () => {
  test('is told by all figures together, far surer than by one', () => {
    const seeds = Array.from({ length: 40 }, (_, i) => i);
    const together = seeds.map((seed) => family([0.3, 0.3, 0.3, 0.3, 0.3, 0.3], seed)[0] as number);
    expect(mean(together)).toBeGreaterThan(0.22);
    expect(mean(together)).toBeLessThan(0.38);
    expect(together.filter((r) => r === 0)).toEqual([]);
    const alone = seeds.map((seed) => family([0.3], seed)[0] as number);
    expect(alone.filter((r) => r === 0).length).toBeGreaterThan(0);
  });

  test('independent nights mostly stay so', () => {
    const found = Array.from({ length: 40 }, (_, seed) => family([0, 0, 0, 0, 0, 0], seed)[0]);
    expect(found.filter((r) => r === 0).length).toBeGreaterThan(32);
  });

  test('a figure that is not like the others has its own', () => {
    const [steady, wandering] = [family([0, 0, 0, 0.8])[0], family([0, 0, 0, 0.8])[3]];
    expect(wandering).toBeGreaterThan(0.6);
    expect(steady).toBeLessThan(0.35);
  });

  test('few nights say nothing, and the newest are left out', () => {
    expect(family([])).toEqual([]);
    const nothing = { correlation: 0, above: 0, below: 0 };
    expect(habits([nights('few', 0.9, 14)])).toEqual([nothing]);
    const moved = [...nights('moved', 0, 60), 0.5, 0.5, 0.5, 0.5, 0.5];
    expect(habits([moved])).toEqual(habits([[...moved.slice(0, 60), 0, 0, 0, 0, 0]]));
  });
});

describe('how often nights are odd', () => {
  const calm = (i: number) => nights(`calm/${i}`, 0);
  /** Every so many nights one that takes half as long again. */
  const odd = (i: number, every: number) =>
    calm(i).map((value, night) => (night % every === 7 ? value + 0.4 : value));

  test('is told by all figures together, upwards and downwards apart', () => {
    const found = habits([odd(0, 25), odd(1, 25), odd(2, 25), calm(3)]);
    for (const { above, below } of found) {
      expect(above).toBeGreaterThan(0.02);
      expect(above).toBeLessThan(0.05);
      expect(below).toBeLessThan(0.01);
    }
  });

  test('a figure that is odd by itself has its own share, and leaves the others theirs', () => {
    const [alone, steady] = habits([odd(0, 10), calm(1), calm(2), calm(3), calm(4), calm(5)]);
    expect(alone?.above).toBeCloseTo(0.1, 1);
    expect(steady?.above).toBeLessThan(0.03);
  });
});
