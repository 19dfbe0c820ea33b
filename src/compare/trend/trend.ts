/**
 * A series over many nights with its changes of level. `before` and `after` are plain means of the
 * two segments, for people; the test was made on `levels`, which on the logarithmic scale are
 * geometric means. Indexes count all points, those without a value too.
 */

import type { PointEstimate } from '../../analyse/statistics/estimate.ts';
import { meanOf } from '../../analyse/statistics/mean.ts';
import type { Direction } from '../../catalogue/metrics.ts';
import {
  type ChangePoint,
  detectChangePoints,
  type DetectorOptions,
  type SegmentLevel,
} from '../change-points/detect-change-points.ts';
import { factDifferences, type Difference } from '../nightly/blame.ts';
import type { Night } from '../history/night.ts';
import { getDirection, type SeriesKey, type SeriesPoint } from '../history/series.ts';

export interface Trend {
  readonly direction: Direction;
  readonly points: readonly TrendPoint[];
  readonly changePoints: readonly TrendChange[];
  /** The level of the tests in force. */
  readonly maxP: number;
  readonly scale: 'log' | 'linear';
  readonly autocorrelation?: number;
  readonly warnings: readonly string[];
}

export interface TrendPoint {
  /** When, or which run: what the point is called. */
  readonly name: string;
  readonly time: string;
  /** Null where there is none. */
  readonly value: number | null;
  readonly lo?: number;
  readonly hi?: number;
}

export interface TrendChange {
  /** The first point of the new level. */
  readonly index: number;
  readonly p: number;
  /** Means of the points between the neighbouring changes. */
  readonly before: number;
  readonly after: number;
  /** after / before, of the levels. */
  readonly ratio?: number;
  readonly direction: 'worse' | 'better';
  readonly time: string;
  readonly levels: { readonly before: SegmentLevel; readonly after: SegmentLevel };
  /** Between the last night before and the first one after; absent for a bare series. */
  readonly blame?: TrendBlame;
}

interface TrendBlame {
  readonly lastGood: string;
  readonly firstBad: string;
  readonly differences: readonly Difference[];
}

/** The trend of bare values; undefined ones are left out. */
export function trendOfValues(
  rows: readonly { readonly time: string; readonly value: number | undefined }[],
  direction: Direction,
  options: DetectorOptions,
): Trend {
  const points = rows.map(({ time, value }, i) => ({
    name: time === '' ? `row ${i}` : time,
    time,
    value: value ?? null,
  }));
  return computeTrend(points, direction, options, []);
}

/** The trend of one figure over nights. */
export function trendOfNights(
  key: SeriesKey,
  nights: readonly SeriesPoint[],
  options: DetectorOptions,
): Trend {
  const points = nights.map(({ night, value, estimate }) => {
    const { lo, hi } = estimate as Partial<PointEstimate>;
    return {
      name: night.run,
      time: night.started,
      value: value ?? null,
      ...(lo === undefined ? {} : { lo }),
      ...(hi === undefined ? {} : { hi }),
    };
  });
  const direction = getDirection(key);
  return computeTrend(
    points,
    direction,
    options,
    nights.map(({ night }) => night),
  );
}

function computeTrend(
  points: readonly TrendPoint[],
  direction: Direction,
  options: DetectorOptions,
  nights: readonly Night[],
): Trend {
  const valued = points.flatMap(({ value }, index) => (value === null ? [] : [{ index, value }]));
  const values = valued.map(({ value }) => value);
  const { changePoints, ...rest } = detectChangePoints(values, options);
  const edges = [0, ...changePoints.map(({ index }) => index), values.length];
  return {
    direction,
    points,
    changePoints: changePoints.map((change, i) => {
      const index = valued[change.index]?.index ?? 0;
      const segment = (from: number) => meanOf(values.slice(edges[from], edges[from + 1]));
      const previous = valued[change.index - 1]?.index ?? 0;
      const [good, bad] = [nights[previous], nights[index]];
      return {
        ...describe(change, direction),
        index,
        before: segment(i),
        after: segment(i + 1),
        time: points[index]?.time ?? '',
        ...(good === undefined || bad === undefined ? {} : { blame: blame(good, bad) }),
      };
    }),
    ...rest,
  };
}

function describe({ p, ratio, before, after }: ChangePoint, direction: Direction) {
  const grew = after.value > before.value;
  return {
    p,
    ...(ratio === undefined ? {} : { ratio }),
    direction: grew === (direction === 'lowerIsBetter') ? ('worse' as const) : ('better' as const),
    levels: { before, after },
  };
}

function blame(good: Night, bad: Night): TrendBlame {
  return {
    lastGood: good.run,
    firstBad: bad.run,
    differences: factDifferences(good, bad),
  };
}
