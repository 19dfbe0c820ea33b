import { describe, expect, test } from 'vitest';
import { tripwire } from '../../../src/compare/change-points/tripwire.ts';
import { createRng } from '../../../src/core/rng.ts';

function nights(name: string, count: number, percent = 5): number[] {
  const rng = createRng(name);
  return Array.from({ length: count }, () => 30 * Math.exp((percent / 100) * rng.normal()));
}

describe('the tripwire', () => {
  test('one odd night in the past moves no bound farther than itself', () => {
    const calm = tripwire(nights('odd', 40));
    const odd = tripwire([90, ...nights('odd', 39)]);
    expect(odd?.center).toBeCloseTo(calm?.center as number, 0);
    expect(odd?.hi).toBeCloseTo(90, 9);
    expect(odd?.lo).toBeGreaterThan((calm?.lo as number) / 1.1);
  });

  // Student's t over 1.4826 MAD alarmed on 1.43 % of nights for a stated 0.1 %, on five nights.
  test.each([
    [5, 8_000],
    [8, 8_000],
    [20, 4_000],
    [50, 4_000],
  ])('on %i nights alarms as often as it says', (count, seeds) => {
    const alarms = Array.from({ length: seeds }, (_, i) => {
      const series = nights(`hold:${i}`, count + 1);
      const found = tripwire(series.slice(0, count), 0.005);
      return (series[count] as number) > (found?.hi as number);
    });
    const share = alarms.filter(Boolean).length / alarms.length;
    expect(share).toBeGreaterThan(0.002);
    expect(share).toBeLessThan(0.0085);
  });

  test('of a figure on a grid allows the next steps of it', () => {
    const gridded = Array.from({ length: 30 }, (_, i) => (i % 7 === 3 ? 13.2 : 13));
    const found = tripwire(gridded);
    expect(found?.hi).toBeGreaterThan(13.2);
    expect(found?.lo).toBeLessThan(12.8);
  });

  test('of a figure that has had nights far out takes more than another such night', () => {
    const calm = nights('tails', 60);
    expect(tripwire(calm)?.hi).toBeLessThan(40);
    const odd = tripwire([46, ...calm.slice(0, 30), 45, ...calm.slice(30)]);
    // Half as long again is known; that twice over, on the logarithmic scale, is not.
    expect(odd?.hi).toBeGreaterThan(60);
    expect(odd?.hi).toBeLessThan(75);
    expect(odd?.lo).toBeGreaterThan(20);
  });

  test('identical nights still leave 1 % of noise', () => {
    const found = tripwire(Array.from({ length: 30 }, () => 30));
    expect(found?.hi).toBeGreaterThan(30.3);
    expect(found?.lo).toBeLessThan(29.7);
  });

  test('values that are not positive are taken as they are', () => {
    const found = tripwire([-1, 0, 1, 0, 0, 1, -1]);
    expect(found?.lo).toBeCloseTo(-(found?.hi as number), 12);
  });

  test('needs five nights', () => {
    expect(tripwire([1, 2, 3, 4])).toBeUndefined();
  });
});
