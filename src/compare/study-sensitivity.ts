/**
 * Which constant matters most: how far a figure moves when each is halved and made half as large
 * again, the rest as it was. One at a time is no joint doubt, and a figure that moves both ways in
 * the same direction is as sensitive as one that moves apart.
 */

import type { Dimensions } from '../analyse/span.ts';
import type { Estimate } from '../analyse/statistics/estimate.ts';
import { WAITED_FOR } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { setKey, type StudyMetric, type StudyPoint } from './study-point.ts';

/** p95 of a metric, in seconds. */
export interface Sensitivity {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** With all constants as they are. */
  readonly base: Estimate;
  /** Those that move it most first. */
  readonly bars: readonly SensitivityBar[];
}

export interface SensitivityBar {
  readonly path: string;
  /** At half of its value, and at one and a half. */
  readonly low: VariedFigure;
  readonly high: VariedFigure;
  /** Between the least and the most, as a share of the base; absent where one is no number. */
  readonly swing?: number;
}

interface VariedFigure {
  /** As a scenario would say it. */
  readonly value: string;
  /** Absent where the run gave none. */
  readonly p95?: Estimate;
}

/** What moves a figure by less does not matter. */
export const LITTLE = 0.01;

/** What gave no number moved it for sure. */
export function isMoving({ swing = Number.POSITIVE_INFINITY }: SensitivityBar): boolean {
  return swing >= LITTLE;
}

/** One for each figure of what people wait for, guests first; of points on one cluster. */
export function sensitivities(points: readonly StudyPoint[]): readonly Sensitivity[] {
  const base = points.find(({ set }) => setKey(set) === '');
  const quoted = WAITED_FOR.flatMap((name) =>
    (base?.metrics ?? []).filter(({ metric, p95 }) => metric === name && p95 !== undefined),
  );
  return quoted.map((figure) => ({
    metric: figure.metric,
    dimensions: figure.dimensions,
    base: figure.p95 as Estimate,
    bars: pairs(points)
      .map(([low, high]) => barOf(figure, low, high))
      .toSorted((a, b) => size(b) - size(a)),
  }));
}

/** What gave no number comes first: it moved the figure out of reach. */
function size({ swing = Number.MAX_VALUE }: SensitivityBar): number {
  return swing;
}

/** Neighbours of one path, the lesser value first. */
function pairs(points: readonly StudyPoint[]): readonly (readonly [StudyPoint, StudyPoint])[] {
  const varied = points.filter(({ set }) => setKey(set) !== '');
  return varied.flatMap((low, i) => {
    const high = varied[i + 1];
    return i % 2 === 0 && high !== undefined ? [[low, high] as const] : [];
  });
}

function barOf(figure: StudyMetric, low: StudyPoint, high: StudyPoint): SensitivityBar {
  const [lower, higher] = [variedFigure(figure, low), variedFigure(figure, high)];
  const values = [figure.p95, lower.p95, higher.p95].flatMap((each) =>
    each !== undefined && 'value' in each ? [each.value] : [],
  );
  const [base] = values;
  const isWhole = values.length === 3 && base !== undefined && base > 0;
  const swing = isWhole ? (Math.max(...values) - Math.min(...values)) / base : undefined;
  const path = Object.keys(low.set)[0] ?? '';
  return { path, low: lower, high: higher, ...(swing === undefined ? {} : { swing }) };
}

function variedFigure(figure: StudyMetric, { set, metrics }: StudyPoint): VariedFigure {
  const key = JSON.stringify(figure.dimensions);
  const found = metrics.find(
    (each) => each.metric === figure.metric && JSON.stringify(each.dimensions) === key,
  );
  const value = Object.values(set)[0] ?? '';
  return { value, ...(found?.p95 === undefined ? {} : { p95: found.p95 }) };
}
