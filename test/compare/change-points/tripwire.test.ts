import { describe, expect, test } from 'vitest';
import {
  expectNight,
  familyReach,
  offsetsByNight,
  type Reach,
  tripwire,
} from '../../../src/compare/change-points/tripwire.ts';
import { createRng } from '../../../src/core/rng.ts';

function nights(name: string, count: number, percent = 5): number[] {
  const rng = createRng(name);
  return Array.from({ length: count }, () => 30 * Math.exp((percent / 100) * rng.normal()));
}

function bounds(values: readonly number[], alpha = 0.001, family?: Reach) {
  const expectation = expectNight(values);
  return expectation && tripwire(expectation, alpha, family);
}

describe('the tripwire', () => {
  test('one odd night in the past moves no bound farther than itself', () => {
    const calm = bounds(nights('odd', 40));
    const odd = bounds([90, ...nights('odd', 39)]);
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
      const found = bounds(series.slice(0, count), 0.005);
      return (series[count] as number) > (found?.hi as number);
    });
    const share = alarms.filter(Boolean).length / alarms.length;
    expect(share).toBeGreaterThan(0.002);
    expect(share).toBeLessThan(0.0085);
  });

  test('of a figure on a grid allows the next steps of it', () => {
    const gridded = Array.from({ length: 30 }, (_, i) => (i % 7 === 3 ? 13.2 : 13));
    const found = bounds(gridded);
    expect(found?.hi).toBeGreaterThan(13.2);
    expect(found?.lo).toBeLessThan(12.8);
  });

  test('goes as far as the worst night of the family, whose figure that ever was', () => {
    const calm = nights('calm', 60);
    const wild = nights('wild', 60);
    const all = calm.map((_, i) => i);
    const family = () =>
      familyReach([calm, wild].map((values) => offsetsByNight(all, expectNight(values))));
    expect(bounds(calm)?.hi).toBeLessThan(40);
    [wild[10], wild[30]] = [45, 46];
    const odd = bounds(calm, 0.001, family());
    expect(odd?.hi).toBeGreaterThan(43);
    expect(odd?.hi).toBeLessThan(48);
    expect(odd?.lo).toBeGreaterThan(20);
    // One that is far beyond any other blinds nobody.
    wild[20] = 3000;
    expect(bounds(calm, 0.001, family())?.hi).toBeLessThan(60);
    // The newest five may be a change: they set no bound.
    wild[58] = wild[57] = 3000;
    expect(bounds(calm, 0.001, family())?.hi).toBeLessThan(60);
  });

  test('identical nights still leave 1 % of noise', () => {
    const found = bounds(Array.from({ length: 30 }, () => 30));
    expect(found?.hi).toBeGreaterThan(30.3);
    expect(found?.lo).toBeLessThan(29.7);
  });

  test('values that are not positive are taken as they are', () => {
    const found = bounds([-1, 0, 1, 0, 0, 1, -1]);
    expect(found?.lo).toBeCloseTo(-(found?.hi as number), 12);
  });

  test('needs five nights', () => {
    expect(bounds([1, 2, 3, 4])).toBeUndefined();
  });
});
