import { describe, expect, test } from 'vitest';
import { latestShift } from '../../../src/compare/change-points/level-shift.ts';
import { createRng } from '../../../src/core/rng.ts';

const NONE = { correlation: 0, above: 0, below: 0 };
const UNKNOWN = { least: 0.01, nights: 0, habits: NONE };

/** Logarithms of nights around 0 that scatter by 5 %. */
function nights(name: string, count: number): number[] {
  const rng = createRng(name);
  return Array.from({ length: count }, () => 0.05 * rng.normal());
}

function chance(series: readonly number[], above = 0): number {
  const habits = { ...NONE, above };
  return latestShift(series, { ...UNKNOWN, habits }, () => true)?.p ?? 1;
}

const CALM = nights('calm', 60);

describe('the latest shift', () => {
  test('is found with its first night and its size', () => {
    const moved = nights('moved', 5).map((value) => value + 0.3);
    const shift = latestShift([...CALM, ...moved], UNKNOWN, () => true);
    expect(shift?.index).toBe(60);
    expect(shift?.after).toBeCloseTo(0.3, 1);
    expect(shift?.p).toBeLessThan(1e-6);
  });

  test('rests on no two odd nights, where nights are odd now and then', () => {
    const odd = CALM.map((value, i) => (i % 20 === 7 ? value + 0.4 : value));
    const last = [0.4, 0.05, 0.4];
    expect(chance([...CALM, ...last])).toBeLessThan(0.001);
    expect(chance([...odd, ...last], 0.05)).toBeGreaterThan(0.01);
    // A change of all nights is one all the same.
    const moved = nights('after', 6).map((value) => value + 0.2);
    expect(chance([...odd, ...moved], 0.05)).toBeLessThan(0.001);
  });

  test('is less sure where nights follow each other', () => {
    const series = [...CALM, 0.12, 0.1, 0.13, 0.11];
    const [independent, dependent] = [0, 0.6].map(
      (correlation) =>
        latestShift(series, { ...UNKNOWN, habits: { ...NONE, correlation } }, () => true)?.p ?? 1,
    );
    expect(independent).toBeLessThan(0.001);
    expect(dependent).toBeGreaterThan(10 * (independent as number));
  });
});
