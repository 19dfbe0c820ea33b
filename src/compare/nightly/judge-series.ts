/**
 * One figure, tonight and before: is it still on its level? Two questions with two answers. The
 * tripwire asks whether tonight alone is outside what the stable nights let us expect (SUSPECT);
 * the change points ask whether the level has moved for good (a few nights are needed to know).
 * What a reader would get wrong: `change` is a candidate here; whether it stands is decided over
 * all of the night's figures together, in judge-night.ts.
 */

import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { Direction } from '../../catalogue/metrics.ts';
import {
  type ChangePoint,
  CORRECTED,
  detectChangePoints,
  type DetectorOptions,
  type SegmentLevel,
} from '../change-points/detect-change-points.ts';
import { stableStretch, type Tripwire, tripwire } from '../change-points/tripwire.ts';
import type { Night } from '../history/night.ts';
import { getDirection, type SeriesKey, type SeriesPoint } from '../history/series.ts';
import type { GatedSeries, Tolerance } from './gated-series.ts';

/** Valid nights before tonight from which on a verdict is given. */
export const LEARNING_NIGHTS = 20;

/** A change of level is news for so many nights; then it is the level. */
const RECENT_NIGHTS = 15;

export interface SeriesFinding {
  readonly key: SeriesKey;
  readonly direction: Direction;
  readonly tolerance: Tolerance;
  /** All points up to tonight, oldest first; the last one is tonight's. */
  readonly points: readonly SeriesPoint[];
  readonly tonight: Estimate;
  /** Nights before tonight that have a value. */
  readonly nights: number;
  /** What the stable nights before let us expect of tonight; absent with fewer than three. */
  readonly expected?: Tripwire;
  /** Where tonight lies against that. */
  readonly tripped: 'no' | 'worse' | 'better';
  /** The newest change of level, where it is recent and large enough to name. */
  readonly change?: Change;
  readonly warnings: readonly string[];
}

export interface Change {
  /** A step between two levels, or values that are no longer reached at all. */
  readonly kind: 'step' | 'unreached';
  readonly direction: 'worse' | 'better';
  /** Index into the finding's points: the first night of the new level. */
  readonly index: number;
  readonly p: number;
  readonly before: SegmentLevel;
  /** Absent where it is not reached. */
  readonly after?: SegmentLevel;
  /** after / before. */
  readonly ratio?: number;
}

/** The finding on one figure; undefined where tonight does not have it. */
export function judgeSeries(
  { key, tolerance }: GatedSeries,
  points: readonly SeriesPoint[],
  preset: DetectorOptions = CORRECTED,
): SeriesFinding | undefined {
  const tonight = points.at(-1);
  if (tonight === undefined) return undefined;
  const direction = getDirection(key);
  const before = points.slice(0, -1).filter(hasValue);
  const facts = { key, direction, tolerance, points, tonight: tonight.estimate };
  const counted = { ...facts, nights: before.length };
  const options = { ...preset, minMagnitude: tolerance.minMagnitude };
  const past = detectChangePoints(listValues(before), options);
  const stretch = stableStretch(
    listValues(before),
    past.changePoints.map(({ index }) => index),
  );
  const expected = tripwire(stretch);
  const tripped = trippedBy(tonight, expected, counted);
  const { change, warnings } = newestChange(counted, stretch, options);
  return {
    ...counted,
    ...(expected === undefined ? {} : { expected }),
    tripped,
    ...(change === undefined ? {} : { change }),
    warnings,
  };
}

/** The newest point whose value is far enough, in time order; nights that it is old. */
export function nightsSince({ points }: Pick<SeriesFinding, 'points'>, index: number): number {
  return points.length - index;
}

/** The night that a point stands for. */
export function nightAt({ points }: Pick<SeriesFinding, 'points'>, index: number): Night {
  return (points[index] as SeriesPoint).night;
}

type Facts = Pick<SeriesFinding, 'key' | 'direction' | 'tolerance' | 'points' | 'nights'>;

type Valued = SeriesPoint & { readonly value: number };

function hasValue(point: SeriesPoint): point is Valued {
  return point.value !== undefined;
}

function listValues(points: readonly Valued[]): readonly number[] {
  return points.map(({ value }) => value);
}

function trippedBy(
  { value }: SeriesPoint,
  expected: Tripwire | undefined,
  { direction, tolerance }: Facts,
): SeriesFinding['tripped'] {
  if (expected === undefined) return 'no';
  if (value === undefined) return 'worse';
  if (value >= expected.lo && value <= expected.hi) return 'no';
  if (!exceeds(expected.center, value, tolerance)) return 'no';
  return isWorse(expected.center, value, direction) ? 'worse' : 'better';
}

function newestChange(
  facts: Facts,
  stretch: readonly number[],
  options: DetectorOptions,
): { readonly change: Change | undefined; readonly warnings: readonly string[] } {
  const unreached = unreachedSince(facts.points);
  if (unreached !== undefined) {
    const change = unreachedChange(facts, unreached, stretch);
    return { change, warnings: [] };
  }
  const valued = facts.points.flatMap((point, index) =>
    hasValue(point) ? [{ point, index }] : [],
  );
  const detection = detectChangePoints(
    valued.map(({ point }) => point.value),
    options,
  );
  const newest = detection.changePoints.at(-1);
  const index = newest === undefined ? undefined : valued[newest.index]?.index;
  const isNews = index !== undefined && nightsSince(facts, index) <= RECENT_NIGHTS;
  const change = newest !== undefined && isNews ? stepChange(facts, newest, index) : undefined;
  return { change, warnings: detection.warnings };
}

function stepChange(
  { direction, tolerance }: Facts,
  { p, before, after, ratio }: ChangePoint,
  index: number,
): Change | undefined {
  if (!exceeds(before.value, after.value, tolerance)) return undefined;
  return {
    kind: 'step',
    direction: isWorse(before.value, after.value, direction) ? 'worse' : 'better',
    index,
    p,
    before,
    after,
    ...(ratio === undefined ? {} : { ratio }),
  };
}

/** Where the nights up to tonight begin that have no value; undefined where tonight has one. */
function unreachedSince(points: readonly SeriesPoint[]): number | undefined {
  const last = points.findLastIndex(hasValue);
  return last === points.length - 1 ? undefined : last + 1;
}

/** A median that most VMs no longer reach is no matter of noise: the change is certain. */
function unreachedChange(
  facts: Facts,
  index: number,
  stretch: readonly number[],
): Change | undefined {
  const isNews = nightsSince(facts, index) <= RECENT_NIGHTS;
  if (index === 0 || !isNews || stretch.length === 0) return undefined;
  const value = stretch.reduce((sum, each) => sum + each, 0) / stretch.length;
  const before = { n: stretch.length, value };
  return { kind: 'unreached', direction: 'worse', index, p: 0, before };
}

function exceeds(before: number, after: number, tolerance: Tolerance): boolean {
  const difference = Math.abs(after - before);
  return (
    difference >= tolerance.minDifference && difference >= tolerance.minMagnitude * Math.abs(before)
  );
}

function isWorse(before: number, after: number, direction: Direction): boolean {
  return direction === 'lowerIsBetter' ? after > before : after < before;
}
