/** Where a curve bends: known stations give known knees, and no knee is said to be none. */

import { describe, expect, test } from 'vitest';
import { judgeLaw, operationalBounds } from '../../../src/analyse/statistics/knee.ts';

/** A station of so many a second behind a delay of 16 s. */
function station(perSecond: number, loads: readonly number[]) {
  return loads.map((n) => ({ n, seconds: Math.max(16, n / perSecond) }));
}

describe('operational bounds', () => {
  test('meet where the station is full: twice the rate, twice the knee', () => {
    const loads = [10, 25, 50, 100, 200, 400];
    expect(operationalBounds(station(5, loads))).toMatchObject({ knee: 80, ceiling: 5 });
    expect(operationalBounds(station(10, loads))).toMatchObject({ knee: 160, ceiling: 10 });
  });

  test('of waves as they were measured once meet near 97', () => {
    const seconds = [16.4, 17.5, 17.4, 26.8, 47, 81.1];
    const levels = [10, 25, 50, 100, 200, 400].map((n, i) => ({ n, seconds: seconds[i] ?? 0 }));
    const bounds = operationalBounds(levels);
    expect('knee' in bounds && bounds.knee).toBeCloseTo(96.2, 0);
    const law = judgeLaw(levels);
    // Sigma 0.0142 and a ceiling of 6.25, as the same points gave them elsewhere.
    expect(law?.fit.sigma).toBeCloseTo(0.0142, 3);
    expect(law?.ceiling).toBeCloseTo(6.25, 1);
    expect(law?.noPeak).toContain('no peak');
    expect(law?.residuals).toHaveLength(6);
  });

  test.each([
    ['too few loads', station(5, [10, 200])],
    ['latency that does not grow', station(5, [10, 20, 40])],
    ['a knee below what was measured', station(5, [100, 200, 400])],
  ])('say that there is none: %s', (_, levels) => {
    expect(operationalBounds(levels)).toHaveProperty('none');
  });
});
