import { describe, expect, test } from 'vitest';
import { compareArms } from '../../../src/analyse/statistics/compare-arms.ts';
import { exactly, type Wave } from '../../../src/analyse/statistics/observation.ts';
import { summarise } from '../../../src/analyse/statistics/summarise.ts';
import { waveRegimes } from '../../../src/analyse/statistics/wave-regimes.ts';
import { createRng } from '../../../src/core/rng.ts';

const OPTIONS = { seed: 1, resamples: 400 };

/** Waves of 50 around these levels, with a little weather of their own. */
function waves(name: string, levels: readonly number[]): Wave[] {
  const rng = createRng(name);
  return levels.map((level) => {
    const weather = Math.exp(0.03 * rng.normal());
    return Array.from({ length: 50 }, () =>
      exactly(level * weather * Math.exp(0.1 * rng.normal())),
    );
  });
}

const SAW = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 100 : 700));

describe('regimes of waves', () => {
  test('that alternate are found, with their levels', () => {
    expect(waveRegimes(SAW)).toMatchObject({ levels: [100, 700], pattern: 'alternating' });
  });

  test('one after the other are stretches', () => {
    const steps = SAW.toSorted((a, b) => a - b);
    expect(waveRegimes(steps)).toMatchObject({ levels: [100, 700], pattern: 'stretches' });
  });

  test('in a random order are noise, of which the interval has to speak', () => {
    const rng = createRng('mixed');
    const found = Array.from({ length: 200 }, () => waveRegimes(rng.shuffled(SAW)));
    expect(found.filter((one) => one !== undefined).length).toBeLessThanOrEqual(6);
  });

  test('are not made of noise', () => {
    const rng = createRng('noise');
    for (let i = 0; i < 200; i++) {
      const medians = Array.from({ length: 20 }, () => 100 * Math.exp(0.3 * rng.normal()));
      expect(waveRegimes(medians)).toBeUndefined();
    }
  });
});

describe('figures of waves that alternate', () => {
  const found = summarise(waves('saw', SAW), OPTIONS);

  test('say so, with the levels', () => {
    expect(found.regimes?.pattern).toBe('alternating');
    expect(found.warnings.join()).toMatch(/alternate between about 1?\d\d? and [67]\d\d/);
  });

  test('have intervals of this order of waves, not of more or fewer slow ones', () => {
    const { lo = 0, hi = 0, value = 0 } = found.mean ?? {};
    expect(value).toBeGreaterThan(lo);
    expect(hi / lo).toBeLessThan(1.1);
    const shuffled = summarise(waves('saw', createRng('order').shuffled(SAW)), OPTIONS).mean;
    expect((shuffled?.hi ?? 0) / (shuffled?.lo ?? 1)).toBeGreaterThan(1.6);
  });

  test('give ratios that hold the truth closely', () => {
    const held = Array.from({ length: 40 }, (_, i) => {
      const arms = [
        waves(`a${i}`, SAW),
        waves(
          `b${i}`,
          SAW.map(() => 40),
        ),
      ] as const;
      const { lo = 0, hi = 0 } = compareArms(...arms, { ...OPTIONS, seed: i }).ratioOfMeans ?? {};
      expect(hi / lo).toBeLessThan(1.12);
      return lo <= 10 && 10 <= hi;
    });
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(35);
  });
});

describe('what waves are worth', () => {
  test('20 waves of 100 alike clones carry no p95 and no p99', () => {
    const rng = createRng('alike');
    const alike = Array.from({ length: 20 }, () => {
      const effect = 0.9 * rng.normal();
      return Array.from({ length: 100 }, () =>
        exactly(30 * Math.exp(0.25 * (effect + 0.45 * rng.normal()))),
      );
    });
    const { quantiles, warnings } = summarise(alike, OPTIONS);
    for (const name of ['p95', 'p99'] as const) expect(quantiles[name]).not.toHaveProperty('hi');
    expect(quantiles.p50).toHaveProperty('hi');
    expect(warnings.join()).toMatch(/p99 rests on about \d+ independent values/);
  });

  test('few waves say nothing of the share that succeeds in others', () => {
    const failed = { state: 'failed' } as const;
    const few = Array.from(
      { length: 5 },
      (_, wave): Wave => Array.from({ length: 100 }, () => (wave === 4 ? failed : exactly(30))),
    );
    expect(summarise(few, OPTIONS).successShare).toEqual({ value: 0.8 });
    const many = Array.from(
      { length: 20 },
      (_, wave): Wave => Array.from({ length: 100 }, () => (wave % 5 === 4 ? failed : exactly(30))),
    );
    const { lo = 1, hi = 0 } = summarise(many, OPTIONS).successShare;
    expect(lo).toBeLessThan(0.6);
    expect(hi).toBeGreaterThan(0.92);
  });
});
