/** Clusters pooled: exact figures, intervals that hold, and what few of them cannot carry. */

import { describe, expect, test } from 'vitest';
import type { PointEstimate } from '../../../src/analyse/statistics/estimate.ts';
import { exactly, type Wave } from '../../../src/analyse/statistics/observation.ts';
import { summariseClusters } from '../../../src/analyse/statistics/over-clusters.ts';
import { summarise } from '../../../src/analyse/statistics/summarise.ts';
import { createRng, type Rng } from '../../../src/core/rng.ts';

const WAVES = 3;
const SIZE = 8;

/** Latencies whose logarithm is 3, with a share of its own for each cluster and wave. */
function fleet(rng: Rng, count: number, between: number): Wave[][] {
  return Array.from({ length: count }, () => {
    const own = 3 + between * rng.normal();
    return Array.from({ length: WAVES }, () => {
      const weather = 0.05 * rng.normal();
      return Array.from({ length: SIZE }, () =>
        exactly(Math.exp(own + weather + 0.1 * rng.normal())),
      );
    });
  });
}

describe('clusters together', () => {
  test('have the figures of one sample, in any order, with failures and censored values', () => {
    const odd: Wave = [{ state: 'failed' }, { state: 'censored', at: 9 }];
    const clusters = [[odd], ...fleet(createRng(1), 9, 0.3)];
    const together = summariseClusters(clusters, 1, 50);
    const one = summarise(clusters.flat(), { seed: 1, resamples: 50 });
    const { n, reached, failed, censored } = together;
    expect({ n, reached, failed, censored }).toEqual({
      n: one.n,
      reached: one.reached,
      failed: 1,
      censored: 1,
    });
    const values = (all: object) => Object.values(all).map((each) => (each as PointEstimate).value);
    expect(values(together.quantiles)).toEqual(values(one.quantiles));
    const turned = summariseClusters(clusters.toReversed(), 1, 50);
    expect(values(turned.quantiles)).toEqual(values(together.quantiles));
    expect((turned.mean as PointEstimate).value).toBe((one.mean as PointEstimate).value);
  });

  test('fewer than eight carry no interval', () => {
    const { quantiles, mean } = summariseClusters(fleet(createRng(2), 7, 0.3), 1, 50);
    expect(Object.keys(quantiles.p50)).toEqual(['value']);
    expect(Object.keys(mean ?? {})).toEqual(['value']);
  });

  test('say how much of the spread is between them', () => {
    const share = (between: number) =>
      summariseClusters(fleet(createRng(3), 40, between), 1, 10).betweenShare ?? Number.NaN;
    expect(share(0)).toBeLessThan(0.1);
    // 0.25 of 0.25 + 0.0025 + 0.01.
    expect(share(0.5)).toBeGreaterThan(0.9);
  });

  test.each([8, 15])('intervals of %i hold the truth about as often as they say', (count) => {
    const trials = 200;
    let [held, naive] = [0, 0];
    for (let seed = 0; seed < trials; seed++) {
      const clusters = fleet(createRng(seed), count, 0.3);
      const { quantiles } = summariseClusters(clusters, seed, 200);
      held += Number(holds(quantiles.p50 as PointEstimate));
      const waves = summarise(clusters.flat(), { seed, resamples: 200 });
      naive += Number(holds(waves.quantiles.p50 as PointEstimate));
    }
    expect(held / trials).toBeGreaterThan(0.92);
    expect(held / trials).toBeLessThan(1);
    // Waves taken for independent would be surer than they may.
    expect(naive / trials).toBeLessThan(held / trials);
  });
});

/** The median of the logarithm is 3. */
function holds({ lo = Number.NaN, hi = Number.NaN }: PointEstimate): boolean {
  return lo <= Math.exp(3) && Math.exp(3) <= hi;
}
