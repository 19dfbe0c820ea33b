import { describe, expect, test } from 'vitest';
import { findTelling, type MeanFigure } from '../../src/analyse/before-sight.ts';
import type { Metric } from '../../src/catalogue/metrics.ts';

const of = (metric: Metric, mean: number | undefined, source = 'pvc'): MeanFigure => ({
  metric,
  dimensions: { step: 'clone', image: 'rhel9', source },
  mean,
});

describe('what begins before the first sight is told', () => {
  const tells = (figures: readonly MeanFigure[], metric: Metric) =>
    findTelling(figures)(of(metric, undefined));

  test.each([
    [10.4, false],
    [10.6, true],
  ])('of a response of %d s to 10 s: %s', (seconds, told) => {
    expect(tells([of('clone', 10), of('cloneResponse', seconds)], 'cloneResponse')).toBe(told);
  });

  test.each([
    [0.4, false],
    [0.6, true],
  ])('of an answer after %d s before 10 s: %s', (seconds, told) => {
    expect(tells([of('clone', 10), of('acknowledged', seconds)], 'acknowledged')).toBe(told);
  });

  test('arm by arm, and of nothing where nothing got there or nothing is beside it', () => {
    const figures = [
      of('clone', 10),
      of('acknowledged', 5),
      of('clone', undefined, 'snapshot'),
      of('acknowledged', 5, 'snapshot'),
      of('cloneResponse', undefined, 'snapshot'),
    ];
    const telling = findTelling(figures);
    expect(figures.map((one) => telling(one))).toEqual([true, true, true, false, false]);
  });

  test('latencies and waves always, our own lateness never', () => {
    const figures = [of('clone', 10), of('waveMakespan', 10), of('sendLag', 99)];
    expect(figures.map(findTelling(figures))).toEqual([true, true, false]);
  });
});
