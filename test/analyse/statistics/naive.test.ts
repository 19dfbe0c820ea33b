import { describe, expect, test } from 'vitest';
import { NAIVE_BOOT, NAIVE_CLONE, naiveReport, type NaiveSpan } from '../../support/truth/naive.ts';
import { createRng } from '../../../src/core/rng.ts';
import { neighbourMeanPercentile } from '../../../src/report/export/neighbour-mean.ts';

const SECOND_US = 1_000_000;

function spans(medianSeconds: number, count: number): NaiveSpan[] {
  const rng = createRng(`naive:${medianSeconds}`);
  return Array.from({ length: count }, () => {
    const startUs = Math.floor(rng.uniform(0, 100 * SECOND_US));
    const latencyUs = medianSeconds * SECOND_US * Math.exp(0.5 * rng.normal());
    return { startUs, reachedUs: Math.floor(startUs + latencyUs) };
  });
}

describe('the estimator not to use', () => {
  test('drops more than half of fast clones and reports a second or two for 0.4 s', () => {
    const report = naiveReport(spans(0.4, 2_000), NAIVE_CLONE);
    expect(report?.kept).toBeLessThan(1_000);
    expect(report?.p50Ms).toBe(1_000);
  });

  test('cannot tell a 3 % slower boot', () => {
    const base = Array.from({ length: 101 }, (_, i) => ({
      startUs: 0,
      reachedUs: (8.01 + i / 200) * SECOND_US,
    }));
    const slower = base.map((span) => ({ ...span, reachedUs: span.reachedUs * 1.03 }));
    expect(naiveReport(slower, NAIVE_BOOT)?.p50Ms).toBe(naiveReport(base, NAIVE_BOOT)?.p50Ms);
  });

  test('loses what never booted, or counts it as 0, or as a huge negative', () => {
    const boots: NaiveSpan[] = [
      ...spans(30, 90),
      ...Array.from({ length: 10 }, () => ({ startUs: 0 })),
    ];
    expect(naiveReport(boots, NAIVE_BOOT)).toMatchObject({ requested: 100, kept: 90 });
    expect(naiveReport(boots, { ...NAIVE_BOOT, unfinished: 'zero' })?.minMs).toBe(0);
    expect(naiveReport(boots, { ...NAIVE_BOOT, unfinished: 'underflow' })?.minMs).toBe(
      -9_223_372_036_854,
    );
  });

  test('says nothing where nothing is left', () => {
    expect(naiveReport([{ startUs: 0 }], NAIVE_BOOT)).toBeUndefined();
  });

  test('its percentile averages two neighbours, whatever the fraction', () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100];
    expect(neighbourMeanPercentile(ten, 50)).toBe(5);
    expect(neighbourMeanPercentile(ten, 95)).toBe(54);
    expect(neighbourMeanPercentile(ten, 91)).toBe(54);
    expect(neighbourMeanPercentile(ten, 5)).toBeNaN();
    expect(neighbourMeanPercentile([7.9], 5)).toBe(7);
  });
});
