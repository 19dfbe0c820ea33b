/**
 * How far a level is kept: `largest wave that keeps guestReady p95 <= 60 s: 212 (190-230)`. The
 * range in brackets is that of the doubt: up to its lower end whole intervals lie within the limit,
 * beyond its upper end whole intervals lie outside. A point with a run that did not come to its end
 * misses the level, whatever its figures.
 */

import type { Estimate } from '../analyse/statistics/estimate.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { judgeLimit, OF_THE_REACHED } from '../analyse/statistics/judge-limit.ts';
import { type SearchRange, searchStep } from './level-search.ts';
import type { StudyMetric, StudyPoint, StudyStatistic } from './study-point.ts';

export interface AskedLevel {
  readonly metric: Metric;
  readonly statistic: StudyStatistic;
  readonly limitSeconds: number;
}

export interface LevelAnswer extends AskedLevel {
  readonly path: string;
  readonly range: SearchRange;
  /** The value is the largest or the smallest that keeps the level; or both ends do, or neither. */
  readonly keeps: 'largest' | 'smallest' | 'all' | 'none';
  /** Absent where all or none keep it. */
  readonly value?: number;
  readonly lo?: number;
  readonly hi?: number;
  /** The neighbour that misses, or the end that is the reason. */
  readonly stoppedAt: JudgedPoint;
  /** Points on the wrong side of the answer: then there is more than one such place. */
  readonly disorder: readonly JudgedPoint[];
  readonly points: readonly JudgedPoint[];
}

export interface JudgedPoint {
  readonly value: number;
  readonly isKept: boolean;
  /** The whole interval says so, not the value alone. */
  readonly isSure: boolean;
  /** Of the figure that decided. */
  readonly estimate?: Estimate;
  /** Why a run of the point did not come to its end. */
  readonly failure?: string;
}

/** Undefined where the point's runs came to their end and have no such figure. */
export function judgePoint(
  { metric, statistic, limitSeconds }: AskedLevel,
  value: number,
  point: StudyPoint,
): JudgedPoint | undefined {
  const [failure] = point.failures;
  const judged = point.metrics
    .filter((one) => one.metric === metric)
    .flatMap((one) => judgeFigure(one, statistic, limitSeconds) ?? []);
  const worst = judged.toSorted((a, b) => rank(a) - rank(b))[0];
  if (failure !== undefined) {
    const estimate = worst === undefined ? {} : { estimate: worst.estimate };
    return { value, isKept: false, isSure: true, ...estimate, failure };
  }
  return worst && { value, ...worst };
}

type JudgedFigure = Pick<JudgedPoint, 'isKept' | 'isSure'> & { readonly estimate: Estimate };

function judgeFigure(
  figure: StudyMetric,
  statistic: StudyStatistic,
  limitSeconds: number,
): JudgedFigure | undefined {
  const estimate = figure[statistic];
  if (estimate === undefined) return undefined;
  const { state } = judgeLimit(estimate, limitSeconds);
  const isWhole = figure.reached === figure.n || !OF_THE_REACHED.has(statistic);
  const isWithin = 'value' in estimate && estimate.value <= limitSeconds;
  return { isKept: isWithin && isWhole, isSure: isWhole && state !== 'straddling', estimate };
}

/** Misses first, the sure ones before the others; of what is kept, what is least sure. */
function rank({ isKept, isSure }: JudgedFigure): number {
  return (isKept ? 2 : 0) + (isKept === isSure ? 1 : 0);
}

/** Of a search that is over: both ends were tried. */
export function answerLevel(
  level: AskedLevel,
  path: string,
  range: SearchRange,
  judged: readonly JudgedPoint[],
): LevelAnswer {
  const points = judged.toSorted((a, b) => a.value - b.value);
  const at = new Map(points.map((point) => [point.value, point]));
  const end = (value: number) => at.get(value) as JudgedPoint;
  const { edge } = searchStep(range, new Map(points.map(({ value, isKept }) => [value, isKept])));
  const common = { ...level, path, range, points };
  if (edge === undefined) {
    const { isKept } = end(range.lo);
    const disorder = points.filter((point) => point.isKept !== isKept);
    const stoppedAt = end(isKept ? range.hi : range.lo);
    return { ...common, keeps: isKept ? 'all' : 'none', stoppedAt, disorder };
  }
  const [below, above] = edge;
  const isLargest = end(below).isKept;
  const left = points.filter(({ value }) => value <= below);
  const right = points.filter(({ value }) => value >= above);
  const disorder = [
    ...left.filter(({ isKept }) => isKept !== isLargest),
    ...right.filter(({ isKept }) => isKept === isLargest),
  ];
  // The last on the left and the first on the right that are beyond doubt.
  const lo = left.findLast(({ isSure, isKept }) => isSure && isKept === isLargest)?.value;
  const hi = right.find(({ isSure, isKept }) => isSure && isKept !== isLargest)?.value;
  return {
    ...common,
    keeps: isLargest ? 'largest' : 'smallest',
    value: isLargest ? below : above,
    ...(lo === undefined ? {} : { lo: isLargest ? lo : lo + 1 }),
    ...(hi === undefined ? {} : { hi: isLargest ? hi - 1 : hi }),
    stoppedAt: end(isLargest ? above : below),
    disorder,
  };
}
