/** What bounds of a clock tell together: as narrow as they agree on, never narrower. */

import { describe, expect, test } from 'vitest';
import { type OffsetCurve, offsetCurves } from '../../../src/analyse/clocks/offset-curve.ts';
import { MILLISECOND, seconds } from '../../../src/core/duration.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { OffsetEntry } from '../../../src/record/entry.ts';

/** Times are seconds, bounds milliseconds. */
function bound(at: number, lo: number, hi?: number, more: Partial<OffsetEntry> = {}): OffsetEntry {
  const upper = hi === undefined ? {} : { hi: hi * MILLISECOND };
  return { e: 'offset', t: seconds(at), clock: 'c', lo: lo * MILLISECOND, ...upper, ...more };
}

function curveOf(...entries: readonly OffsetEntry[]): OffsetCurve {
  const curve = offsetCurves(entries).get('c');
  if (curve === undefined) throw new Error('no curve');
  return curve;
}

/** Milliseconds. */
function at(curve: OffsetCurve, from: number, to = from): readonly [number, number] {
  const { lo, hi } = curve.between(seconds(from), seconds(to));
  return [lo / MILLISECOND, hi / MILLISECOND];
}

describe('one clock', () => {
  test('bounds hold when they were made, and widen by 100 ppm before and after', () => {
    const curve = curveOf(bound(100, -5, 20));
    expect(at(curve, 100)).toEqual([-5, 20]);
    expect(at(curve, 200)).toEqual([-15, 30]);
    expect(at(curve, 0)).toEqual([-15, 30]);
    expect(at(curve, 50, 300)).toEqual([-25, 40]);
  });

  test('bounds that agree leave what both allow, before and after', () => {
    const curve = curveOf(bound(100, 0, 500), bound(110, -400, 100), bound(120, 80, 900));
    expect(curve.segments).toHaveLength(1);
    // 1 ms of drift for each 10 s.
    expect(at(curve, 100)).toEqual([78, 101]);
    expect(at(curve, 110)).toEqual([79, 100]);
    expect(at(curve, 120)).toEqual([80, 101]);
    expect(at(curve, 115)).toEqual([79.5, 100.5]);
  });

  test('the order of entries does not matter', () => {
    const entries = [bound(100, 0, 500), bound(110, -400, 100), bound(120, 80, 900)];
    expect(at(curveOf(...entries.toReversed()), 110)).toEqual(at(curveOf(...entries), 110));
  });

  test('bounds that exclude each other are a step: between them it may be either', () => {
    const curve = curveOf(bound(100, 0, 10), bound(200, 3000, 3010), bound(210, 3005, 3020));
    expect(curve.segments.map((segment) => segment.length)).toEqual([1, 2]);
    expect(at(curve, 90)).toEqual([-1, 11]);
    expect(at(curve, 150)).toEqual([-5, 3015]);
    expect(at(curve, 210)).toEqual([3005, 3011]);
    expect(at(curve, 90, 210)).toEqual([-1, 3011]);
  });

  test.each([
    [1, undefined, 2000],
    [4, undefined, 2000],
    [5, undefined, 500],
    [19, undefined, 500],
    [20, undefined, 100],
    [20, 1000, 1500],
    [20, 10, 100],
  ])('the best of %i renewals, late by %s ms on average, is within %i ms', (n, late, within) => {
    const lateness = late === undefined ? {} : { late: late * MILLISECOND };
    expect(at(curveOf(bound(5, 40, undefined, { n, ...lateness })), 5)).toEqual([40, 40 + within]);
  });

  test('what the last line says of lateness holds for all', () => {
    const late = { n: 20, late: 2000 * MILLISECOND };
    const curve = curveOf(bound(5, 40, undefined, { n: 20 }), bound(6, 1000, undefined, late));
    expect(curve.segments).toHaveLength(1);
    expect(at(curve, 5)[1]).toBeCloseTo(3040);
  });

  test('bounds that hold never exclude the truth, whatever there is of them', () => {
    const rng = createRng('curve');
    for (let round = 0; round < 50; round++) {
      const [base, ppm] = [rng.uniform(-3e6, 3e6), rng.uniform(-90, 90)];
      const truth = (t: number) => base + (t * ppm) / 1e6;
      const entries = Array.from({ length: 30 }, () => {
        const t = rng.integer(seconds(3600));
        const [below, above] = [rng.uniform(0, 5e5), rng.uniform(0, 5e5)];
        const [lo, hi] = [Math.floor(truth(t) - below), Math.ceil(truth(t) + above)];
        return { e: 'offset', t, clock: 'c', lo, hi } as const;
      });
      const curve = curveOf(...entries);
      expect(curve.segments).toHaveLength(1);
      for (let t = -seconds(100); t < seconds(3700); t += seconds(37)) {
        const { lo, hi } = curve.between(t, t + seconds(20));
        for (const moment of [t, t + seconds(20)]) {
          expect(lo).toBeLessThanOrEqual(truth(moment));
          expect(hi).toBeGreaterThanOrEqual(truth(moment));
        }
      }
    }
  });
});

test('each clock has a curve of its own', () => {
  const curves = offsetCurves([bound(1, 0, 1), { ...bound(1, 70, 80), clock: 'd' }]);
  expect([...curves.keys()]).toEqual(['c', 'd']);
  expect(curves.get('d')?.between(seconds(1), seconds(1))).toEqual({ lo: 70_000, hi: 80_000 });
});
