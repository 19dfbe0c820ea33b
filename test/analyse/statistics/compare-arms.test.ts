import { describe, expect, test } from 'vitest';
import { compareArms } from '../../../src/analyse/statistics/compare-arms.ts';
import {
  exactly,
  type Observation,
  type Wave,
} from '../../../src/analyse/statistics/observation.ts';
import { createRng, type Rng } from '../../../src/core/rng.ts';
import { lognormalWaves } from './coverage-simulation.ts';

const SEED = { seed: 1, resamples: 400 };

function draw(name: string, waves: number): Wave[] {
  return lognormalWaves({ waves, perWave: 50, icc: 0.1 }, createRng(name));
}

function scaled(waves: readonly Wave[], factor: (wave: number) => number): Wave[] {
  return waves.map((wave, w) =>
    wave.map((o) => (o.state === 'reached' ? exactly(o.hi * factor(w)) : o)),
  );
}

/** Pairs that share a large effect, as neighbours in time do; head is `factor` as long. */
function pairs(rng: Rng, count: number, factor: number): { baseline: Wave[]; head: Wave[] } {
  const baseline: Wave[] = [];
  const head: Wave[] = [];
  for (let pair = 0; pair < count; pair++) {
    const effect = Math.exp(0.5 * rng.normal());
    const wave = (scale: number) =>
      Array.from({ length: 20 }, () => exactly(scale * effect * Math.exp(0.1 * rng.normal())));
    baseline.push(wave(1));
    head.push(wave(factor));
  }
  return { baseline, head };
}

describe('a comparison of arms', () => {
  test('finds a tenfold difference, baseline / head', () => {
    const found = compareArms(
      draw('a', 20),
      scaled(draw('b', 20), () => 0.1),
      SEED,
    );
    for (const ratio of [found.ratioOfMeans, found.ratioOfMedians, found.ratioOfP95]) {
      expect(ratio?.lo).toBeGreaterThan(8);
      expect(ratio?.hi).toBeLessThan(12.5);
      expect(ratio?.value).toBeGreaterThan(ratio?.lo as number);
      expect(ratio?.value).toBeLessThan(ratio?.hi as number);
    }
    expect(found.shift).toBeLessThan(-20);
    expect(found.delta).toBe(-1);
    expect(found.permutation.p).toBeLessThan(0.001);
    expect(found.warnings).toEqual([]);
  });

  test('turned round is the inverse', () => {
    const [a, b] = [draw('a', 12), scaled(draw('b', 12), () => 1.3)];
    const [there, back] = [compareArms(a, b, SEED), compareArms(b, a, SEED)];
    expect(back.ratioOfMeans?.value).toBeCloseTo(1 / (there.ratioOfMeans?.value as number), 9);
    expect(back.delta).toBeCloseTo(-there.delta, 9);
    expect(back.shift).toBeCloseTo(-(there.shift as number), 9);
  });

  test('its intervals hold a true ratio of 1 about as often as they say', () => {
    const rng = createRng('ratios');
    const shape = { waves: 12, perWave: 20, icc: 0.2 };
    const holds = Array.from({ length: 100 }, (_, seed) => {
      const found = compareArms(
        lognormalWaves(shape, rng.fork(`a${seed}`)),
        lognormalWaves(shape, rng.fork(`b${seed}`)),
        { seed, resamples: 300 },
      );
      const { lo = 0, hi = Infinity } = found.ratioOfMedians ?? {};
      return lo <= 1 && 1 <= hi;
    });
    expect(holds.filter(Boolean).length).toBeGreaterThanOrEqual(89);
  });

  test('few waves: a ratio without an interval, and warnings', () => {
    const found = compareArms(draw('a', 4), draw('b', 4), SEED);
    expect(found.ratioOfMedians).not.toHaveProperty('lo');
    expect(found.warnings).toEqual([
      'need >= 8 waves in each arm for an interval, have 4 and 4',
      'need >= 6 waves in each arm for a p-value worth correcting, have 4 and 4',
    ]);
  });

  test('pairs cancel what both waves share', () => {
    const { baseline, head } = pairs(createRng('pairs'), 10, 0.8);
    const paired = compareArms(baseline, head, { ...SEED, design: 'paired' });
    const apart = compareArms(baseline, head, SEED);
    const width = ({ ratioOfMedians: r }: typeof paired) => (r?.hi as number) / (r?.lo as number);
    expect(Math.log(width(paired))).toBeLessThan(Math.log(width(apart)) / 3);
    expect(paired.ratioOfMedians?.lo).toBeGreaterThan(1.1);
    expect(paired.permutation).toEqual({ p: 2 / 1024, labellings: 1024, isExhaustive: true });
  });

  test('arms that do not pair are compared as independent, and it is said', () => {
    const found = compareArms(draw('a', 9), draw('b', 8), { ...SEED, design: 'paired' });
    expect(found.design).toBe('independent');
    expect(found.warnings).toEqual(['arms do not pair wave by wave: compared as independent']);
  });

  test('misses are counted, keep means honest, and hide no ratio', () => {
    const give: Observation = { state: 'censored', at: 60 };
    const failing = draw('b', 10).map((wave) =>
      wave.map((o, i): Observation => (i < 2 ? give : o)),
    );
    const found = compareArms(draw('a', 10), failing, SEED);
    expect(found.head).toMatchObject({ n: 500, reached: 480, censored: 20 });
    expect(found.warnings).toEqual(['reachedOnly']);
    expect(found.restrictedMeans?.until).toBe(60);
    expect(found.restrictedMeans?.head).toBeGreaterThan(found.restrictedMeans?.baseline as number);
    expect(found.ratioOfMedians?.lo).toBeGreaterThan(0.5);
    expect(found.ratioOfP95).toBeDefined();
  });

  test('where most of an arm failed there is no ratio of medians', () => {
    const failed: Observation = { state: 'failed' };
    const failing = draw('b', 8).map((wave) => wave.map((o, i) => (i < 30 ? failed : o)));
    const found = compareArms(draw('a', 8), failing, SEED);
    expect(found).not.toHaveProperty('ratioOfMedians');
    expect(found.ratioOfMeans).toBeDefined();
    expect(found.permutation.p).toBeLessThan(0.001);
    const nothing = compareArms(draw('a', 8), [[failed]], SEED);
    expect(nothing).not.toHaveProperty('ratioOfMeans');
    expect(nothing).not.toHaveProperty('shift');
  });

  test('a trend in one arm is not taken for noise', () => {
    const rising = (wave: number) => 1.05 ** wave;
    const flat = compareArms(draw('a', 24), draw('b', 24), SEED).ratioOfMeans;
    const found = compareArms(scaled(draw('a', 24), rising), draw('b', 24), SEED).ratioOfMeans;
    const width = (ratio: typeof flat) => Math.log((ratio?.hi as number) / (ratio?.lo as number));
    expect(width(found)).toBeLessThan(2.5 * width(flat));
  });
});
