import { describe, expect, test } from 'vitest';
import {
  lagSums,
  nightCorrelations,
} from '../../../src/compare/change-points/night-correlation.ts';
import { createRng } from '../../../src/core/rng.ts';

function nights(name: string, correlation: number, count = 105): number[] {
  const rng = createRng(name);
  let state = rng.normal();
  return Array.from({ length: count }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * rng.normal();
    return 0.05 * state;
  });
}

const family = (correlations: readonly number[], seed = 0) =>
  nightCorrelations(correlations.map((r, i) => lagSums(nights(`${seed}/${i}`, r), 0.01)));

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
    expect(nightCorrelations([lagSums(nights('few', 0.9, 14), 0.01)])).toEqual([0]);
    const moved = [...nights('moved', 0, 60), 0.5, 0.5, 0.5, 0.5, 0.5];
    expect(nightCorrelations([lagSums(moved, 0.01)])).toEqual(
      nightCorrelations([lagSums([...moved.slice(0, 60), 0, 0, 0, 0, 0], 0.01)]),
    );
  });
});
