import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../src/core/rng.ts';

describe('rng', () => {
  test('the same seed gives the same stream, another seed another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRng(seed).next);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test('a fork depends on the seed and the name, not on draws made before', () => {
    const early = createRng(7).fork('disk').next();
    const parent = createRng(7);
    for (let i = 0; i < 100; i++) parent.next();
    expect(parent.fork('disk').next()).toBe(early);
    expect(parent.fork('net').next()).not.toBe(early);
  });

  test('uniform values stay inside and fill their range', () => {
    const rng = createRng(3);
    const values = Array.from({ length: 20_000 }, () => rng.uniform(2, 4));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...values)).toBeLessThan(4);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(3, 1);
  });

  test.each([0.1, 0.25, 1, 1.5])('gamma with cv %s has the asked mean and spread', (cv) => {
    const rng = createRng(5);
    const values = Array.from({ length: 40_000 }, () => rng.gamma(10, cv));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const sd = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
    expect(mean / 10).toBeCloseTo(1, 1);
    expect(sd / mean / cv).toBeCloseTo(1, 1);
    expect(Math.min(...values)).toBeGreaterThan(0);
  });

  test('gamma without variation is its mean', () => {
    expect(createRng(1).gamma(4.5, 0)).toBe(4.5);
  });

  test('a shuffle keeps the values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (values, seed) => {
        const shuffled = createRng(seed).shuffled(values);
        const ascending = (a: number, b: number) => a - b;
        expect(shuffled.toSorted(ascending)).toEqual(values.toSorted(ascending));
      }),
    );
  });

  test('uuids are of version 4 and differ', () => {
    const rng = createRng(1);
    const uuids = Array.from({ length: 1000 }, () => rng.uuid());
    expect(new Set(uuids).size).toBe(1000);
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });
});
