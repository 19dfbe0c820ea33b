/**
 * The second pass, bottom up: drop the point with the largest p while it is not below the level,
 * then the one with the smallest relative change while that is not above the limit. Each removal
 * joins two segments, so both neighbours are tested anew. Otava 0.8 retests the two points to the
 * right instead and leaves the left neighbour's figures stale; `staleLeft` does as it does.
 */

import { compareSegments, type DeviationKind, type SegmentTest } from './segment-test.ts';

export interface MergeOptions {
  /** A point stays while p < this. */
  readonly maxP: number;
  /** A point stays while its relative change is above this: 0.05 is 5 %. */
  readonly minMagnitude: number;
  /** Relative change between two segments, at least 0. */
  readonly magnitude: (test: SegmentTest) => number;
  readonly deviation: DeviationKind;
  readonly staleLeft: boolean;
}

export interface TestedPoint {
  readonly index: number;
  readonly test: SegmentTest;
}

/**
 * What is left of the weak points (ascending indexes), with the figures of the last test of each.
 */
export function mergePoints(
  values: ArrayLike<number>,
  weak: readonly number[],
  options: MergeOptions,
): TestedPoint[] {
  const points = weak.map((_, position) => retested(values, weak, position, options.deviation));
  for (;;) {
    const position = weakest(points, options);
    if (position === undefined) return points;
    points.splice(position, 1);
    const indexes = points.map((point) => point.index);
    const affected = options.staleLeft ? [position, position + 1] : [position - 1, position];
    for (const each of affected) {
      if (each < 0 || each >= points.length) continue;
      points[each] = retested(values, indexes, each, options.deviation);
    }
  }
}

function retested(
  values: ArrayLike<number>,
  indexes: readonly number[],
  position: number,
  deviation: DeviationKind,
): TestedPoint {
  const index = indexes[position] as number;
  const start = position === 0 ? 0 : (indexes[position - 1] as number);
  const end = indexes[position + 1] ?? values.length;
  return { index, test: compareSegments(values, start, index, end, deviation) };
}

/** Where the point to drop stands; undefined where all may stay. The first of equals. */
function weakest(points: readonly TestedPoint[], options: MergeOptions): number | undefined {
  if (points.length === 0) return undefined;
  const byP = firstLargest(points.map((point) => point.test.p));
  if ((points[byP] as TestedPoint).test.p >= options.maxP) return byP;
  const magnitudes = points.map((point) => options.magnitude(point.test));
  const bySize = firstLargest(magnitudes.map((magnitude) => -magnitude));
  return (magnitudes[bySize] as number) > options.minMagnitude ? undefined : bySize;
}

function firstLargest(values: readonly number[]): number {
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] as number)) best = i;
  });
  return best;
}
