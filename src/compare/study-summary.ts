/**
 * What a study says: each point's figures over its repeats, and where the curve against the varied
 * load bends. A point that missed something has no place on the curve, and is shown beside it.
 */

import type { PointEstimate } from '../analyse/statistics/estimate.ts';
import {
  type FoundBounds,
  judgeLaw,
  type LawVerdict,
  type Level,
  operationalBounds,
} from '../analyse/statistics/knee.ts';
import { overRuns } from '../analyse/statistics/over-runs.ts';
import type { Target } from '../record/entry.ts';
import type { LevelAnswer } from './level-answer.ts';
import type { PooledPoint } from './study-pool.ts';
import { type Sensitivity, sensitivities } from './study-sensitivity.ts';
import {
  groupBy,
  listLevels,
  pointKey,
  type PointSet,
  type StudyPoint,
  type StudyRun,
  summarisePoint,
} from './study-point.ts';
import type { TwinFact } from '../record/manifest.ts';

const STUDY_SCHEMA = 'bench/study/v1';

export interface StudySummary {
  readonly schema: typeof STUDY_SCHEMA;
  readonly id: string;
  readonly scenario: string;
  /** `mixed`: the rows say which. */
  readonly target: Target | 'mixed';
  /** The measured cluster that was simulated, where it was one. */
  readonly twin?: TwinFact;
  readonly seed: number;
  readonly vary: Readonly<Record<string, readonly string[]>>;
  readonly points: readonly StudyPoint[];
  /** One for each setting of what is varied beside the load. */
  readonly curves: readonly StudyCurve[];
  /** Of the first curve. */
  readonly knee: Knee;
  /** Over the clusters of each point, where it has several of one kind. */
  readonly pooled?: readonly PooledPoint[];
  /** Where each constant was varied by itself, one for each figure that people wait for. */
  readonly sensitivity?: readonly Sensitivity[];
  /** Where a level was asked for. */
  readonly answer?: LevelAnswer;
}

export type Knee = (PointEstimate & { readonly method: string }) | { readonly none: string };

export interface StudyCurve {
  /** What else is varied, and how it is set here. */
  readonly set: PointSet;
  readonly cluster?: string;
  readonly path: string;
  readonly knee: Knee;
  readonly bounds: FoundBounds;
  readonly law?: LawVerdict;
}

export interface StudyHead {
  readonly id: string;
  readonly scenario: string;
  readonly seed: number;
  readonly vary: StudySummary['vary'];
}

/** Points in the order of the runs. */
export function summariseStudy(head: StudyHead, runs: readonly StudyRun[]): StudySummary {
  const path = loadPath(head.vary);
  const groups = [...groupBy(runs, pointKey).values()];
  const points = groups.map(summarisePoint);
  const targets = [...new Set(points.flatMap(({ target }) => target ?? []))];
  const curves = path === undefined ? [] : drawCurves(groups, path);
  const twin = runs.map(({ figures }) => figures?.twin).find((each) => each);
  const none = { none: 'no field is varied that says how much is released together' };
  return {
    schema: STUDY_SCHEMA,
    id: head.id,
    scenario: head.scenario,
    target: targets.length > 1 ? 'mixed' : (targets[0] ?? 'simulated'),
    ...(twin && { twin }),
    seed: head.seed,
    vary: head.vary,
    points,
    curves,
    knee: curves[0]?.knee ?? none,
  };
}

/** The same of a study that varied each constant by itself. */
export function withSensitivities(summary: StudySummary): StudySummary {
  return { ...summary, sensitivity: sensitivities(summary.points) };
}

/** Fields that say how many operations are under way together. */
const LOAD = /\.(wave\.size|wave|inFlight|inFlightMax)$/;

/** The varied field that says how much is under way together. */
export function loadPath(vary: StudySummary['vary']): string | undefined {
  return Object.keys(vary).find((each) => LOAD.test(each));
}

/** A curve for each cluster and each setting of the other fields. */
function drawCurves(groups: readonly (readonly StudyRun[])[], path: string): readonly StudyCurve[] {
  const others = ({ set }: StudyRun) =>
    Object.fromEntries(Object.entries(set).filter(([each]) => each !== path));
  const curves = groupBy(groups.flat(), (run) => pointKey({ ...run, set: others(run) }));
  return [...curves.values()].map((runs) => {
    const repeats = [...groupBy(runs, ({ repeat }) => String(repeat)).values()];
    const each = repeats.map((own) => operationalBounds(listLevels(own)));
    const levels = meanLevels(runs, path);
    const law = judgeLaw(levels);
    const [first] = runs;
    const set = first === undefined ? {} : others(first);
    const where = first?.cluster === undefined ? {} : { cluster: first.cluster };
    const bounds = operationalBounds(levels);
    return { set, ...where, path, knee: findKnee(bounds, each), bounds, ...(law && { law }) };
  });
}

/** Whether rows are told apart by their cluster. */
export function hasClusters(points: readonly StudyPoint[]): boolean {
  return points.some(({ cluster }) => cluster !== undefined);
}

/** Whether the point is set as the curve is, in all but the load. */
export function isOnCurve({ set, cluster }: StudyCurve, point: StudyPoint): boolean {
  if (point.cluster !== cluster) return false;
  return Object.entries(set).every(([path, value]) => point.set[path] === value);
}

function meanLevels(runs: readonly StudyRun[], path: string): readonly Level[] {
  return [...groupBy(runs, ({ set }) => set[path] ?? '').values()].flatMap((own) => {
    const levels = listLevels(own);
    const seconds = overRuns(levels.map((level) => level.seconds))?.value;
    const [first] = levels;
    return first === undefined || seconds === undefined || levels.length < own.length
      ? []
      : [{ n: first.n, seconds }];
  });
}

/** With an interval where every repeat has a knee of its own. */
function findKnee(bounds: FoundBounds, repeats: readonly FoundBounds[]): Knee {
  if ('none' in bounds) return bounds;
  const method = 'operational bounds';
  const own = repeats.flatMap((each) => ('knee' in each ? [each.knee] : []));
  const { lo, hi } = (own.length === repeats.length ? overRuns(own) : undefined) ?? {};
  return {
    value: bounds.knee,
    ...(lo === undefined ? {} : { lo }),
    ...(hi === undefined ? {} : { hi }),
    method,
  };
}
