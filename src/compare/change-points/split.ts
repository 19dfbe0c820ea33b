/**
 * The first pass: windows slide over the series, overlapping by half; in each, the best split is
 * accepted while its t-test stays below the weak level. What comes out is too many points on
 * purpose; merge.ts weeds them.
 */

import { bestSplit, pairSums, type PairSums, type SplitCandidate } from './energy-divergence.ts';
import { compareSegments, type DeviationKind } from './segment-test.ts';

export interface SplitOptions {
  /** Points in a window. */
  readonly window: number;
  /** A split is accepted while p <= this. */
  readonly weakP: number;
  readonly minSegment: number;
  readonly deviation: DeviationKind;
}

/**
 * Ascending indexes of the weak change points. The next window starts at the last change point
 * found, or half a window on, whichever is later.
 */
export function splitSeries(values: ArrayLike<number>, options: SplitOptions): number[] {
  const step = Math.floor(options.window / 2);
  const found = new Set<number>();
  for (let start = 0; start < values.length; ) {
    const end = Math.min(start + options.window, values.length);
    const inWindow = splitWindow(values, start, end, options);
    for (const index of inWindow) found.add(index);
    start = Math.max(inWindow.at(-1) ?? 0, start + step);
  }
  return [...found].sort((a, b) => a - b);
}

/** The level of the first pass: ten times the last one's, or twice where that would be absurd. */
export function weakLevel(maxP: number): number {
  if (maxP < 0.05) return 10 * maxP;
  return maxP < 0.5 ? 2 * maxP : maxP;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly candidate: SplitCandidate | undefined;
}

/** Splits at the globally best candidate until that one is not significant. */
function splitWindow(
  values: ArrayLike<number>,
  start: number,
  end: number,
  { weakP, minSegment, deviation }: SplitOptions,
): number[] {
  const window = Float64Array.from({ length: end - start }, (_, i) => values[start + i] as number);
  const pairs = pairSums(window);
  let stretches: readonly Stretch[] = [stretch(pairs, 0, window.length, minSegment)];
  for (;;) {
    const best = strongest(stretches);
    if (best?.candidate === undefined) break;
    const { index } = best.candidate;
    if (compareSegments(window, best.start, index, best.end, deviation).p > weakP) break;
    stretches = stretches.flatMap((each) =>
      each === best
        ? [
            stretch(pairs, each.start, index, minSegment),
            stretch(pairs, index, each.end, minSegment),
          ]
        : [each],
    );
  }
  return stretches.slice(1).map((each) => start + each.start);
}

function stretch(pairs: PairSums, start: number, end: number, minSegment: number): Stretch {
  return { start, end, candidate: bestSplit(pairs, start, end, minSegment) };
}

function strongest(stretches: readonly Stretch[]): Stretch | undefined {
  let best: Stretch | undefined;
  for (const each of stretches) {
    if (each.candidate === undefined) continue;
    if (best === undefined || each.candidate.divergence > strength(best)) best = each;
  }
  return best;
}

function strength(each: Stretch): number {
  return each.candidate?.divergence ?? Number.NEGATIVE_INFINITY;
}
