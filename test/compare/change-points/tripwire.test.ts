import { describe, expect, test } from 'vitest';
import { stableStretch, tripwire } from '../../../src/compare/change-points/tripwire.ts';
import { createRng } from '../../../src/core/rng.ts';

const CLASSIC = { kind: 'classic', alpha: 0.001 } as const;
const ROBUST = { kind: 'robust', alpha: 0.001 } as const;

function nights(name: string, count: number, percent = 5): number[] {
  const rng = createRng(name);
  return Array.from({ length: count }, () => 30 * Math.exp((percent / 100) * rng.normal()));
}

describe('the tripwire', () => {
  test('classic, by hand', () => {
    const series = [1, 2, 3, 4, 5].map(Math.exp);
    const found = tripwire(series, { kind: 'classic', alpha: 0.025 });
    // t(4, 0.975) = 2.776445, s = sqrt(2.5).
    const reach = 2.7764451051977934 * Math.sqrt(2.5) * Math.sqrt(1.2);
    expect(found?.center).toBeCloseTo(Math.exp(3), 9);
    expect(Math.log(found?.hi as number)).toBeCloseTo(3 + reach, 6);
    expect(Math.log(found?.lo as number)).toBeCloseTo(3 - reach, 6);
  });

  test('robust, by hand', () => {
    const found = tripwire([1, 2, 3, 4, 1_000].map(Math.log).map(Math.exp), {
      kind: 'robust',
      alpha: 0.025,
    });
    const logs = [1, 2, 3, 4, 1_000].map(Math.log);
    const deviations = logs.map((log) => Math.abs(log - Math.log(3))).sort((a, b) => a - b);
    const reach = 2.7764451051977934 * 1.4826 * (deviations[2] as number) * Math.sqrt(1.2);
    expect(Math.log(found?.hi as number)).toBeCloseTo(Math.log(3) + reach, 6);
  });

  test('one odd night in the past does not blunt the robust one', () => {
    const series = [...nights('odd', 40), 90];
    const [classic, robust] = [tripwire(series, CLASSIC), tripwire(series, ROBUST)];
    expect(robust?.hi).toBeLessThan(0.8 * (classic?.hi as number));
  });

  test('classic holds one more night as often as it says', () => {
    const alarms = Array.from({ length: 2_000 }, (_, i) => {
      const series = nights(`hold:${i}`, 21);
      const found = tripwire(series.slice(0, 20), { kind: 'classic', alpha: 0.025 });
      return (series[20] as number) > (found?.hi as number);
    });
    const share = alarms.filter(Boolean).length / alarms.length;
    expect(share).toBeGreaterThan(0.015);
    expect(share).toBeLessThan(0.036);
  });

  test('identical nights still leave 1 % of noise', () => {
    const found = tripwire(Array.from({ length: 30 }, () => 30));
    expect(found?.hi).toBeGreaterThan(30.3);
    expect(found?.lo).toBeLessThan(29.7);
  });

  test('values that are not positive are taken as they are', () => {
    const found = tripwire([-1, 0, 1, 0, 0, 1, -1], CLASSIC);
    expect(found?.lo).toBeCloseTo(-(found?.hi as number), 12);
  });

  test('needs three nights; looks at those since the last change, and at most 50', () => {
    expect(tripwire([1, 2])).toBeUndefined();
    expect(stableStretch([1, 2, 3, 4, 5], [1, 3])).toEqual([4, 5]);
    expect(stableStretch(nights('many', 80), [])).toHaveLength(50);
    expect(stableStretch([1, 2], [])).toEqual([1, 2]);
  });
});
