/**
 * The front door of change-point detection: a series in order of time in, the points at which its
 * level changed out. A change point is the first value of the new level. The defaults are the
 * textbook test with three corrections to what Otava 0.8 does (sample deviation, both neighbours
 * retested after a merge, at least three nights to a segment) on the logarithm of the metric;
 * `OTAVA` repeats that tool's own answers for people who come from there.
 */

import { tQuantile } from '../../analyse/statistics/distributions.ts';
import { MAX_AUTOCORRELATION, residualAutocorrelation } from './autocorrelation.ts';
import { robustLevel } from './robust-level.ts';
import { mergePoints, type MergeOptions, type TestedPoint } from './merge.ts';
import type { DeviationKind, Moments, SegmentTest } from './segment-test.ts';
import { splitSeries, weakLevel } from './split.ts';

export interface DetectorOptions {
  /** Points in a window of the first pass. */
  readonly window: number;
  readonly maxP: number;
  /** Smallest relative change worth naming: 0.05 is 5 %. */
  readonly minMagnitude: number;
  /** Fewest values on either side of a change point. */
  readonly minSegment: number;
  readonly deviation: DeviationKind;
  /** Logarithms make changes relative; a series that is not all positive is taken as it is. */
  readonly scale: 'log' | 'linear';
  readonly staleLeft: boolean;
  /** Whether maxP is lowered tenfold where the residuals are autocorrelated. */
  readonly heedsAutocorrelation: boolean;
}

export const CORRECTED: DetectorOptions = {
  window: 50,
  maxP: 0.001,
  minMagnitude: 0.05,
  minSegment: 3,
  deviation: 'sample',
  scale: 'log',
  staleLeft: false,
  heedsAutocorrelation: true,
};

/** Apache Otava 0.8.0 with its own defaults. */
export const OTAVA: DetectorOptions = {
  window: 50,
  maxP: 0.001,
  minMagnitude: 0,
  minSegment: 1,
  deviation: 'population',
  scale: 'linear',
  staleLeft: true,
  heedsAutocorrelation: false,
};

/** The level of a segment, in the unit of the series: the mean, geometric on the log scale. */
export interface SegmentLevel {
  readonly n: number;
  readonly value: number;
  /** 95 % t interval; absent for a single value. */
  readonly lo?: number;
  readonly hi?: number;
}

export interface ChangePoint {
  /** The first value of the new level; the change happened after index - 1. */
  readonly index: number;
  readonly p: number;
  readonly before: SegmentLevel;
  readonly after: SegmentLevel;
  /** after / before: above 1 the metric grew. Absent where before is 0. */
  readonly ratio?: number;
}

export interface Detection {
  /** Ascending. */
  readonly changePoints: readonly ChangePoint[];
  /** The level in force: lower than asked for where the series is autocorrelated. */
  readonly maxP: number;
  readonly scale: 'log' | 'linear';
  readonly autocorrelation?: number;
  readonly warnings: readonly string[];
}

/** Finds the change points of finite values; missing nights are to be left out, never filled in. */
export function detectChangePoints(
  values: readonly number[],
  options: DetectorOptions = CORRECTED,
): Detection {
  const scale = values.every((value) => value > 0) ? options.scale : 'linear';
  const series = scale === 'log' ? values.map(Math.log) : values;
  const points = detectAt(series, scale, options);
  const correlation = residualAutocorrelation(
    series,
    points.map((point) => point.index),
  );
  const isCorrelated = correlation !== undefined && correlation > MAX_AUTOCORRELATION;
  const lowered = isCorrelated && options.heedsAutocorrelation;
  const maxP = lowered ? options.maxP / 10 : options.maxP;
  const final = lowered ? detectAt(series, scale, { ...options, maxP }) : points;
  return {
    changePoints: final.map((point) => changePoint(point, scale)),
    maxP,
    scale,
    ...(correlation === undefined ? {} : { autocorrelation: correlation }),
    warnings: listWarnings(options, scale, lowered ? correlation : undefined),
  };
}

/** So many scatters off, a last night or two are extreme. */
const EXTREME = 8;

/**
 * Nights too few to be a level of their own, and far off, would hide a change before them by what
 * they add to the variance of its new level: they wait until they are enough.
 */
function detectAt(
  series: readonly number[],
  scale: 'log' | 'linear',
  options: DetectorOptions,
): TestedPoint[] {
  for (let late = options.minSegment - 1; late > 0; late--) {
    const before = series.slice(0, -late);
    if (before.length < 2 * options.minSegment) continue;
    const points = detectIn(before, scale, options);
    const level = robustLevel(before.slice(points.at(-1)?.index ?? 0), 0);
    const isExtreme = (value: number) =>
      Math.abs(value - level.center) > EXTREME * level.scatter && level.scatter > 0;
    if (points.length > 0 && series.slice(-late).every(isExtreme)) return points;
  }
  return detectIn(series, scale, options);
}

function detectIn(
  series: readonly number[],
  scale: 'log' | 'linear',
  options: DetectorOptions,
): TestedPoint[] {
  const weak = splitSeries(series, { ...options, weakP: weakLevel(options.maxP) });
  const magnitude = scale === 'log' ? logMagnitude : linearMagnitude;
  const merging: MergeOptions = { ...options, magnitude };
  return mergePoints(series, weak, merging);
}

/** The larger of |b/a - 1| and |a/b - 1|, from the logarithms of the levels. */
function logMagnitude({ before, after }: SegmentTest): number {
  return Math.expm1(Math.abs(after.mean - before.mean));
}

function linearMagnitude({ before, after }: SegmentTest): number {
  const forward = before.mean === 0 ? 0 : Math.abs(after.mean / before.mean - 1);
  const backward = after.mean === 0 ? 0 : Math.abs(before.mean / after.mean - 1);
  return Math.max(forward, backward);
}

function changePoint({ index, test }: TestedPoint, scale: 'log' | 'linear'): ChangePoint {
  const before = computeLevel(test.before, scale);
  const after = computeLevel(test.after, scale);
  const ratio = before.value === 0 ? {} : { ratio: after.value / before.value };
  return { index, p: test.p, before, after, ...ratio };
}

function computeLevel({ n, mean, deviation }: Moments, scale: 'log' | 'linear'): SegmentLevel {
  const back = scale === 'log' ? Math.exp : (value: number) => value;
  if (n < 2) return { n, value: back(mean) };
  const spread = (tQuantile(0.975, n - 1) * deviation) / Math.sqrt(n);
  return { n, value: back(mean), lo: back(mean - spread), hi: back(mean + spread) };
}

function listWarnings(
  options: DetectorOptions,
  scale: 'log' | 'linear',
  correlation: number | undefined,
): string[] {
  const warnings: string[] = [];
  if (scale !== options.scale) {
    warnings.push('not all values are positive: changes are judged on the linear scale');
  }
  if (correlation !== undefined) {
    const found = correlation.toFixed(2);
    warnings.push(
      `nights are not independent (lag-1 autocorrelation ${found}): level lowered tenfold`,
    );
  }
  return warnings;
}
