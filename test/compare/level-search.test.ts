/** The search for a level: where it ends, what it costs, and that it notices a second place. */

import { describe, expect, test } from 'vitest';
import { answerLevel, judgePoint, type JudgedPoint } from '../../src/compare/level-answer.ts';
import { growingStep, searchLength, searchStep } from '../../src/compare/level-search.ts';
import type { StudyPoint } from '../../src/compare/study-point.ts';
import type { Estimate } from '../../src/analyse/statistics/estimate.ts';

const LEVEL = { metric: 'guestReady', statistic: 'p95', limitSeconds: 60 } as const;

/** Tries values until the search is over; in the order in which they were tried. */
function search(range: { lo: number; hi: number }, isKept: (value: number) => boolean) {
  const kept = new Map<number, boolean>();
  for (let step = searchStep(range, kept); ; step = searchStep(range, kept)) {
    if (step.next.length === 0) return { edge: step.edge, tried: [...kept.keys()] };
    for (const value of step.next) kept.set(value, isKept(value));
  }
}

describe('the search', () => {
  test('finds each place there can be, from either side, within its length', () => {
    for (const hi of [2, 3, 4, 9, 17, 40]) {
      for (let last = 1; last < hi; last++) {
        for (const isLargest of [true, false]) {
          const { edge, tried } = search({ lo: 1, hi }, (value) => value <= last === isLargest);
          expect(edge).toEqual([last, last + 1]);
          expect(new Set(tried).size).toBe(tried.length);
          expect(tried.length).toBeLessThanOrEqual(searchLength({ lo: 1, hi }));
        }
      }
    }
  });

  test('tries both ends first, then halves, then looks where it has not been', () => {
    const { tried } = search({ lo: 10, hi: 400 }, (value) => value <= 212);
    expect(tried.slice(0, 5)).toEqual([10, 400, 205, 302, 253]);
    expect(tried.slice(-2)).toEqual([107, 351]);
  });

  test('looks at the middle where both ends agree', () => {
    expect(search({ lo: 1, hi: 9 }, () => true)).toEqual({ edge: undefined, tried: [1, 9, 5] });
  });
});

describe('a search that grows', () => {
  function grow(range: { lo: number; hi: number }, last: number) {
    const kept = new Map<number, boolean>();
    for (let step = growingStep(range, kept); ; step = growingStep(range, kept)) {
      if (step.next.length === 0) return { ...step, tried: [...kept.keys()] };
      for (const value of step.next) kept.set(value, value <= last);
    }
  }

  test('never tries more than twice of what kept the level, and ends at the same place', () => {
    for (const hi of [3, 40, 400]) {
      for (let last = 1; last < hi; last += 1) {
        const { edge, tried } = grow({ lo: 1, hi }, last);
        expect(edge).toEqual([last, last + 1]);
        expect(Math.max(...tried)).toBeLessThanOrEqual(2 * last);
        expect(new Set(tried).size).toBe(tried.length);
        expect(tried.length).toBeLessThanOrEqual(searchLength({ lo: 1, hi }, true));
      }
    }
  });

  test('stops at the least where that misses, and at the greatest where all keep', () => {
    expect(grow({ lo: 10, hi: 400 }, 9)).toMatchObject({ tried: [10], range: { lo: 10, hi: 10 } });
    expect(grow({ lo: 10, hi: 400 }, 212).tried.slice(0, 6)).toEqual([10, 20, 40, 80, 160, 320]);
    const all = grow({ lo: 10, hi: 100 }, 1000);
    expect(all.tried.slice(0, 5)).toEqual([10, 20, 40, 80, 100]);
    expect(all.edge).toBeUndefined();
  });
});

describe('the answer', () => {
  const range = { lo: 1, hi: 8 };
  const at = (value: number, isKept: boolean, isSure = true): JudgedPoint => ({
    value,
    isKept,
    isSure,
  });
  const answer = (points: readonly JudgedPoint[]) => answerLevel(LEVEL, 'x', range, points);

  test('is between what surely keeps the level and what surely misses it', () => {
    const points = [at(1, true), at(3, true, false), at(4, false, false), at(8, false)];
    expect(answer([...points, at(2, true), at(6, false)])).toMatchObject({
      keeps: 'largest',
      value: 3,
      lo: 2,
      hi: 5,
      stoppedAt: { value: 4 },
      disorder: [],
    });
  });

  test('is the smallest where more is better', () => {
    const points = [at(1, false), at(4, false, false), at(5, true, false)];
    expect(answer([...points, at(6, true), at(8, true)])).toMatchObject({
      keeps: 'smallest',
      value: 5,
      lo: 2,
      hi: 6,
    });
  });

  test.each([
    ['all', true],
    ['none', false],
  ])('is %s where both ends agree, and says what disagrees', (keeps, isKept) => {
    const found = answer([at(1, isKept), at(4, !isKept), at(8, isKept)]);
    expect(found).toMatchObject({ keeps, disorder: [{ value: 4 }] });
    expect(found.value).toBeUndefined();
  });

  test('names a miss below it', () => {
    const points = [at(1, true), at(2, false), at(4, true), at(5, false), at(6, false)];
    expect(answer([...points, at(8, false)])).toMatchObject({ value: 4, disorder: [{ value: 2 }] });
  });
});

describe('a point', () => {
  const figure = (p95: Estimate, reached = 9, step = 'boot') => ({
    metric: LEVEL.metric,
    dimensions: { step },
    n: 9,
    reached,
    p95,
    mean: p95,
  });
  const point = (metrics: StudyPoint['metrics'], failures: readonly string[] = []): StudyPoint => ({
    set: {},
    runs: 1,
    failures,
    metrics,
  });
  const judge = (one: StudyPoint) => judgePoint(LEVEL, 1, one);

  test.each<[Estimate, boolean, boolean]>([
    [{ value: 59, lo: 58, hi: 60 }, true, true],
    [{ value: 59, lo: 58, hi: 61 }, true, false],
    [{ value: 61, lo: 59, hi: 62 }, false, false],
    [{ value: 61, lo: 60.5, hi: 62 }, false, true],
    [{ value: 60 }, true, true],
    [{ never: true }, false, true],
    [{ over: 30 }, false, false],
  ])('of p95 %o', (p95, isKept, isSure) => {
    expect(judge(point([figure(p95)]))).toMatchObject({ isKept, isSure });
  });

  test('is judged by its worst figure', () => {
    const figures = [figure({ value: 1 }), figure({ value: 70 }, 9, 'again')];
    expect(judge(point(figures))).toMatchObject({ isKept: false, estimate: { value: 70 } });
  });

  test('with a run that did not end misses, whatever its figures', () => {
    const verdict = judge(point([figure({ value: 1 })], ['p1-r1 is failed: Timeout']));
    expect(verdict).toMatchObject({
      isKept: false,
      isSure: true,
      failure: 'p1-r1 is failed: Timeout',
    });
    expect(judge(point([], ['p1-r1 ended with 1']))).toMatchObject({ isKept: false });
  });

  test('that ended without such a figure is no point of the search', () => {
    expect(judge(point([]))).toBeUndefined();
  });

  test('a mean of what was reached shows nothing where something was not', () => {
    const mean = { ...LEVEL, statistic: 'mean' } as const;
    const verdict = judgePoint(mean, 1, point([figure({ value: 1 }, 8)]));
    expect(verdict).toMatchObject({ isKept: false, isSure: false });
  });
});
