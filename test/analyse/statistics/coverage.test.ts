import { describe, expect, test } from 'vitest';
import { simulateCoverage } from './coverage-simulation.ts';

/** 100 samples: a share of 0.95 has a standard error of 0.022, and these leave room for three. */
describe('95 % intervals', () => {
  test('of independent values cover as they say, by ranks and by waves', () => {
    const found = simulateCoverage({ waves: 20, perWave: 50, icc: 0, seeds: 100, resamples: 400 });
    for (const share of [...Object.values(found.naive), ...Object.values(found.stated)]) {
      expect(share).toBeGreaterThanOrEqual(0.89);
    }
  });

  test('of waves with ICC 0.2 cover at least 88 %, where ranks alone do not', () => {
    const found = simulateCoverage({
      waves: 20,
      perWave: 50,
      icc: 0.2,
      seeds: 100,
      resamples: 400,
    });
    expect(found.naive.p50).toBeLessThan(0.75);
    expect(found.naive.p95).toBeLessThan(0.8);
    const { mean, p50, p95 } = found.stated;
    for (const share of [mean, p50, p95]) expect(share).toBeGreaterThanOrEqual(0.88);
  });

  test('of ten waves hold up too', () => {
    const found = simulateCoverage({
      waves: 10,
      perWave: 50,
      icc: 0.2,
      seeds: 100,
      resamples: 400,
    });
    const { mean, p50 } = found.stated;
    for (const share of [mean, p50]) expect(share).toBeGreaterThanOrEqual(0.88);
  });

  test('of a tail are printed where it is worth them, and hold then', () => {
    const found = simulateCoverage({
      waves: 20,
      perWave: 50,
      icc: 0.8,
      shape: 'bimodal',
      seeds: 60,
      resamples: 200,
    });
    expect(found.told.p99).toBe(0);
    expect(found.told.p95).toBeGreaterThan(0.3);
    expect(found.printed.p95).toBeGreaterThanOrEqual(0.9);
  });
});
