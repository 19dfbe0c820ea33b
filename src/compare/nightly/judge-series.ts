/**
 * One figure, tonight and before: is it still on its level? Two questions with two answers. The
 * tripwire asks whether tonight alone is outside what the nights of the level let us expect
 * (SUSPECT); following the level (follow-level.ts) asks whether it has moved, a few nights later.
 * Both are asked of all figures of the night together, so that many figures give no more false
 * alarms than one.
 */

import type { Direction } from '../../catalogue/metrics.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import { tQuantile } from '../../analyse/statistics/distributions.ts';
import {
  CORRECTED,
  type DetectorOptions,
  type SegmentLevel,
} from '../change-points/detect-change-points.ts';
import type { RobustLevel } from '../change-points/robust-level.ts';
import {
  type Expectation,
  expectNight,
  familyReach,
  LEAST_NOISE,
  offsetsByNight,
  type Tripwire,
  tripwire,
} from '../change-points/tripwire.ts';
import type { Night } from '../history/night.ts';
import { getDirection, findPoint, type SeriesKey, type SeriesPoint } from '../history/series.ts';
import { FALSE_CHANGES_A_NIGHT, followFigures, type FollowedFigure } from './follow-figures.ts';
import {
  acceptedLevel,
  type FollowedNight,
  type FollowOptions,
  type LevelState,
  looksBack,
  newestLevel,
  type OpenChange,
} from './follow-level.ts';
import type { GatedSeries, Tolerance } from './gated-series.ts';

/** Valid nights before tonight from which on a verdict is given. */
export const LEARNING_NIGHTS = 20;

/** An improvement is news for so many nights; then it is the level. */
const RECENT_NIGHTS = 15;

/** Nights in a hundred on which chance alone may make any figure suspect. */
export const FALSE_SUSPICIONS_A_NIGHT = 0.01;

export interface SeriesFinding {
  readonly key: SeriesKey;
  readonly direction: Direction;
  readonly tolerance: Tolerance;
  readonly isGated: boolean;
  /** All points up to tonight, oldest first; the last one is tonight's. */
  readonly points: readonly SeriesPoint[];
  readonly tonight: Estimate;
  /** Nights before tonight that have a value. */
  readonly nights: number;
  /** What the nights of the level let us expect of tonight; absent with too few. */
  readonly expected?: Tripwire;
  /** Where tonight lies against that. */
  readonly tripped: 'no' | 'worse' | 'better';
  /** Changes for the worse since the accepted level, oldest first; none where it is held. */
  readonly open: readonly Change[];
  /** Tonight is back on the accepted level, though it is too early to say for good. */
  readonly isBack: boolean;
  /** The newest change for the better, while it is news. */
  readonly improved?: Change;
  readonly warnings: readonly string[];
}

export interface Change {
  /** A step between two levels, or values that are no longer reached at all. */
  readonly kind: 'step' | 'unreached';
  readonly direction: 'worse' | 'better';
  /** Index into the finding's points: the first night of the new level. */
  readonly index: number;
  /** Index of the night that confirmed it. */
  readonly confirmed: number;
  /** Of that night, after the search for the first night of the new level. */
  readonly p: number;
  /** The same, corrected for the figures of that night. */
  readonly q: number;
  readonly before: SegmentLevel;
  /** The level of the newest nights; absent where it is not reached. */
  readonly after?: SegmentLevel;
  /** after / before. */
  readonly ratio?: number;
}

/** The findings on all figures of one family; those that tonight does not have are left out. */
export function judgeFamily(
  family: readonly GatedSeries[],
  nights: readonly Night[],
  detector: DetectorOptions = CORRECTED,
): readonly SeriesFinding[] {
  const figures = family.flatMap((series) => seriesFacts(series, nights, detector) ?? []);
  const rules = { learningNights: LEARNING_NIGHTS, alpha: FALSE_CHANGES_A_NIGHT };
  const states = followFigures(figures, rules);
  const alpha = FALSE_SUSPICIONS_A_NIGHT / Math.max(1, figures.length);
  const levels = figures.map((figure, i) => levelBeforeTonight(figure, states[i] as LevelState));
  const reach = familyReach(levels.map(({ offsets }) => offsets));
  return figures.map((figure, i) => {
    const expectation = levels[i]?.expectation;
    const expected = expectation && tripwire(expectation, alpha, reach);
    return finding(figure, states[i] as LevelState, expected);
  });
}

interface LevelBeforeTonight {
  readonly expectation: Expectation | undefined;
  /** Of its settled nights from the level, by the number of the night among all nights. */
  readonly offsets: ReadonlyMap<number, number>;
}

function levelBeforeTonight(
  { points, nights }: SeriesFacts,
  { open, current, accepted }: LevelState,
): LevelBeforeTonight {
  const last = points.length - 1;
  const level = (open.length > 0 ? current : accepted).filter(
    (point) => point < last && points[point]?.value !== undefined,
  );
  const expectation = expectNight(level.map((point) => points[point]?.value as number));
  // Points are of the nights that have the figure.
  const numbers = nights.flatMap((night, number) => (night === undefined ? [] : [number]));
  const ofNights = level.map((point) => numbers[point] as number);
  return { expectation, offsets: offsetsByNight(ofNights, expectation) };
}

/** Nights since a point, its own included. */
export function nightsSince({ points }: Pick<SeriesFinding, 'points'>, index: number): number {
  return points.length - index;
}

/** The night that a point stands for. */
export function nightAt({ points }: Pick<SeriesFinding, 'points'>, index: number): Night {
  return (points[index] as SeriesPoint).night;
}

interface SeriesFacts extends FollowedFigure {
  readonly series: GatedSeries;
  readonly direction: Direction;
  readonly points: readonly SeriesPoint[];
  /** As `points`, on the scale of the tests. */
  readonly followed: readonly FollowedNight[];
}

function seriesFacts(
  series: GatedSeries,
  nights: readonly Night[],
  detector: DetectorOptions,
): SeriesFacts | undefined {
  const found = nights.map((night) => findPoint(night, series.key));
  if (found.at(-1) === undefined) return undefined;
  const points = found.filter((point) => point !== undefined);
  const values = points.flatMap(({ value }) => value ?? []);
  const isLog = values.every((value) => value > 0);
  const direction = getDirection(series.key);
  const options = followOptions(series, direction, values, isLog, detector);
  const all = found.map((point) => (point === undefined ? undefined : onScale(point, isLog)));
  const followed = all.filter((night) => night !== undefined);
  return { series, direction, points, nights: all, followed, options };
}

function followOptions(
  { tolerance }: GatedSeries,
  direction: Direction,
  values: readonly number[],
  isLog: boolean,
  detector: DetectorOptions,
): FollowOptions {
  const unscaled = isLog ? Math.exp : (value: number) => value;
  const size = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  return {
    worse: direction === 'lowerIsBetter' ? 1 : -1,
    leastScatter: isLog ? LEAST_NOISE : LEAST_NOISE * size,
    isLarge: (before, after) => exceeds(unscaled(before), unscaled(after), tolerance),
    // Our own default is to follow the level.
    ...(detector === CORRECTED
      ? {}
      : { detector: { ...detector, minMagnitude: tolerance.minMagnitude } }),
    unscaled,
  };
}

/** 1.96 standard errors on either side make a 95 % interval. */
const ERRORS_WIDE = 2 * 1.96;

function onScale({ value, estimate }: SeriesPoint, isLog: boolean): FollowedNight {
  const scale = isLog ? Math.log : (one: number) => one;
  const { lo, hi } = estimate as { readonly lo?: number; readonly hi?: number };
  const isBounded = lo !== undefined && hi !== undefined && (!isLog || lo > 0);
  return {
    value: value === undefined ? undefined : scale(value),
    error: isBounded ? (scale(hi) - scale(lo)) / ERRORS_WIDE : 0,
  };
}

function finding(
  facts: SeriesFacts,
  state: LevelState,
  expected: Tripwire | undefined,
): SeriesFinding {
  const { series, direction, points, followed, options } = facts;
  const last = points.length - 1;
  const { open, improved } = state;
  const isOpen = open.length > 0;
  const isNews = improved !== undefined && points.length - improved.index <= RECENT_NIGHTS;
  const newest = isOpen
    ? newestLevel(followed, state, options)
    : acceptedLevel(followed, state, options);
  const change = (each: OpenChange, kind: Change['direction']) =>
    changeOf(each, kind, newest, options);
  return {
    ...series,
    direction,
    points,
    tonight: (points[last] as SeriesPoint).estimate,
    nights: points.slice(0, -1).filter(({ value }) => value !== undefined).length,
    ...(expected === undefined ? {} : { expected }),
    tripped: trippedBy(points[last] as SeriesPoint, expected, facts),
    open: open.map((each) => change(each, 'worse')),
    isBack: looksBack(state),
    ...(isNews ? { improved: change(improved, 'better') } : {}),
    warnings: [],
  };
}

/** Beyond the bounds, by what anybody would act on. */
function trippedBy(
  { value }: SeriesPoint,
  expected: Tripwire | undefined,
  { direction, series: { tolerance } }: SeriesFacts,
): SeriesFinding['tripped'] {
  if (expected === undefined) return 'no';
  if (value === undefined) return 'worse';
  if (value >= expected.lo && value <= expected.hi) return 'no';
  if (!exceeds(expected.center, value, tolerance)) return 'no';
  return isWorse(expected.center, value, direction) ? 'worse' : 'better';
}

function changeOf(
  { kind, index, confirmed, p, q, before }: OpenChange,
  direction: Change['direction'],
  newest: RobustLevel | undefined,
  { unscaled }: FollowOptions,
): Change {
  const was = segmentLevel(before, unscaled);
  const is = kind === 'step' && newest !== undefined ? segmentLevel(newest, unscaled) : undefined;
  return {
    kind,
    direction,
    index,
    confirmed,
    p,
    q,
    before: was,
    ...(is === undefined ? {} : { after: is }),
    ...(is === undefined || was.value === 0 ? {} : { ratio: is.value / was.value }),
  };
}

/** With a 95 % interval of the level: what the scatter of its nights leaves open. */
function segmentLevel(
  { n, center, scatter }: RobustLevel,
  unscaled: (value: number) => number,
): SegmentLevel {
  if (n < 2) return { n, value: unscaled(center) };
  const reach = (tQuantile(0.975, n - 1) * scatter) / Math.sqrt(n);
  return {
    n,
    value: unscaled(center),
    lo: unscaled(center - reach),
    hi: unscaled(center + reach),
  };
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
