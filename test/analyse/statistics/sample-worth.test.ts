import { expect, test } from 'vitest';
import { exactly, type Wave } from '../../../src/analyse/statistics/observation.ts';
import { countWorth, tailWorth } from '../../../src/analyse/statistics/sample-worth.ts';
import { summarise } from '../../../src/analyse/statistics/summarise.ts';
import { oneStratum } from '../../../src/analyse/statistics/wave-resampling.ts';
import { createRng } from '../../../src/core/rng.ts';

/** Twenty waves of fifty about 30 s; `slow` of them in each wave take five times as long. */
function waves(slow: (wave: number) => number): readonly Wave[] {
  const rng = createRng('worth');
  return Array.from({ length: 20 }, (_, wave) =>
    Array.from({ length: 50 }, (_each, i) =>
      exactly((i < slow(wave) ? 150 : 30) * Math.exp(0.4 * rng.normal())),
    ),
  );
}

const EVEN = waves(() => 1);
const LUMPED = waves((wave) => (wave % 10 === 4 ? 6 : 0));

test('a tail that a few waves make up is worth little, whatever the middle is', () => {
  const strata = oneStratum(20);
  expect(tailWorth(EVEN, strata, 90)).toBeGreaterThan(500);
  expect(tailWorth(LUMPED, strata, 90)).toBeLessThan(countWorth(LUMPED, strata) / 2);
});

test('its percentile has no upper bound, and the warning says why', () => {
  const [even, lumped] = [EVEN, LUMPED].map((sample) =>
    summarise(sample, { seed: 1, resamples: 100 }),
  );
  expect(even?.quantiles.p99).toHaveProperty('hi');
  expect(lumped?.quantiles.p99).not.toHaveProperty('hi');
  expect(lumped?.warnings.join()).toMatch(/p99 rests on about \d+ independent values/);
});
