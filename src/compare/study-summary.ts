/**
 * What a study says: each point's figures over its repeats, and where the curve against the varied
 * load bends. What a reader would get wrong: a point that missed something has no place on the
 * curve, and is shown beside it.
 */

import type { Metric } from '../catalogue/metrics.ts';
import type { Summary } from '../analyse/summary.ts';
import type { Dimensions } from '../analyse/span.ts';
import type { Estimate, PointEstimate } from '../analyse/statistics/estimate.ts';
import {
  type FoundBounds,
  judgeLaw,
  type LawVerdict,
  type Level,
  operationalBounds,
} from '../analyse/statistics/knee.ts';
import { overRuns } from '../analyse/statistics/over-runs.ts';
import { farthestSpan, type WaveRow } from '../analyse/wave-rows.ts';

const STUDY_SCHEMA = 'bench/study/v1';

/** `path: value`. */
export type PointSet = Readonly<Record<string, string>>;

export interface StudyRun {
  readonly set: PointSet;
  readonly repeat: number;
  /** Undefined where the run gave no figures. */
  readonly summary: Summary | undefined;
  readonly failure: string | undefined;
}

export interface StudySummary {
  readonly schema: typeof STUDY_SCHEMA;
  readonly id: string;
  readonly scenario: string;
  readonly target: 'simulated';
  readonly seed: number;
  readonly vary: Readonly<Record<string, readonly string[]>>;
  readonly points: readonly StudyPoint[];
  /** One for each setting of what is varied beside the load. */
  readonly curves: readonly StudyCurve[];
  /** Of the first curve. */
  readonly knee: Knee;
}

export interface StudyPoint {
  readonly set: PointSet;
  /** Runs that gave figures. */
  readonly runs: number;
  readonly failures: readonly string[];
  /** Of the waves of the step that is measured; absent where a wave missed something. */
  readonly load?: PointLoad;
  readonly metrics: readonly StudyMetric[];
}

export interface PointLoad {
  readonly metric: Metric;
  /** Operations a wave, in the mean. */
  readonly operations: number;
  /** The longest span of a wave, in the mean over waves. */
  readonly seconds: PointEstimate;
  /** Operations by that time. */
  readonly perSecond: PointEstimate;
}

export interface StudyMetric {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly n: number;
  readonly reached: number;
  readonly mean?: Estimate;
  readonly p50?: Estimate;
  readonly p95?: Estimate;
}

export type Knee = (PointEstimate & { readonly method: string }) | { readonly none: string };

export interface StudyCurve {
  /** What else is varied, and how it is set here. */
  readonly set: PointSet;
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

export function summariseStudy(head: StudyHead, runs: readonly StudyRun[]): StudySummary {
  const path = Object.keys(head.vary).find((each) => LOAD.test(each));
  const groups = [...groupBy(runs, ({ set }) => setKey(set)).values()];
  const points = groups.map((own) => summarisePoint(own, path));
  const curves = path === undefined ? [] : drawCurves(groups, path);
  const none = { none: 'no field is varied that says how much is released together' };
  return {
    schema: STUDY_SCHEMA,
    id: head.id,
    scenario: head.scenario,
    target: 'simulated',
    seed: head.seed,
    vary: head.vary,
    points,
    curves,
    knee: curves[0]?.knee ?? none,
  };
}

/** Fields that say how many operations are under way together. */
const LOAD = /\.(wave\.size|wave|inFlight|inFlightMax)$/;

/** The same for the repeats of a point. */
export function setKey(set: PointSet): string {
  return Object.entries(set)
    .map(([path, value]) => `${path}=${value}`)
    .join(' ');
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function summarisePoint(runs: readonly StudyRun[], path: string | undefined): StudyPoint {
  const set = runs[0]?.set ?? {};
  const summaries = runs.flatMap(({ summary }) => summary ?? []);
  const load = pointLoad(summaries, path);
  return {
    set,
    runs: summaries.length,
    failures: runs.flatMap(({ failure }) => failure ?? []),
    ...(load === undefined ? {} : { load }),
    metrics: pointMetrics(summaries),
  };
}

function pointLoad(summaries: readonly Summary[], path: string | undefined): PointLoad | undefined {
  const found = summaries.map((summary) => waveLevel(summary, path));
  const levels = found.flatMap((each) => each ?? []);
  const [first] = levels;
  const seconds = overRuns(levels.map((level) => level.seconds));
  const perSecond = overRuns(levels.map((level) => level.n / level.seconds));
  if (first === undefined || seconds === undefined || perSecond === undefined) return undefined;
  if (levels.length < found.length) return undefined;
  return { metric: first.metric, operations: first.n, seconds, perSecond };
}

interface MeasuredLevel extends Level {
  readonly metric: Metric;
}

/** Of the step that the path names, else of the last that has waves. */
function waveLevel(
  { waves, steps: all }: Summary,
  path: string | undefined,
): MeasuredLevel | undefined {
  const named = /^steps\.(\d+)\./.exec(path ?? '')?.[1];
  // Images are made before the first step of the scenario.
  const prepared = all.filter(({ kind }) => kind === 'image').length;
  const steps = waves.map(({ stepIndex }) => stepIndex);
  const step = named === undefined ? Math.max(...steps) : Number(named) + prepared;
  const rows = waves.filter(({ stepIndex, warmup }) => stepIndex === step && !warmup);
  const [first] = rows;
  const metric = first && loadMetric(first);
  if (metric === undefined) return undefined;
  const byWave = [...groupBy(rows, ({ wave }) => String(wave)).values()];
  const ends = byWave.flatMap((own) => waveSeconds(own, metric) ?? []);
  if (ends.length < byWave.length) return undefined;
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const sizes = byWave.map((own) => own.reduce((sum, { n }) => sum + n, 0));
  return { metric, n: mean(sizes), seconds: mean(ends) };
}

/** Booting is judged by Running: what a guest takes after it does not depend on the others. */
function loadMetric(row: WaveRow): Metric | undefined {
  return row.spans.vmiRunning === undefined ? farthestSpan(row) : 'vmiRunning';
}

/** Undefined where something of the wave missed. */
function waveSeconds(rows: readonly WaveRow[], metric: Metric): number | undefined {
  const longest = rows.map(({ spans }) => spans[metric]?.longest);
  const values = longest.flatMap((each) => (each && 'value' in each ? [each.value] : []));
  return values.length === rows.length ? Math.max(...values) : undefined;
}

function pointMetrics(summaries: readonly Summary[]): readonly StudyMetric[] {
  const [first] = summaries;
  if (first === undefined) return [];
  const key = ({ metric, dimensions }: Pick<StudyMetric, 'metric' | 'dimensions'>) =>
    JSON.stringify([metric, Object.entries(dimensions)]);
  const records = groupBy(
    summaries.flatMap(({ metrics }) => metrics),
    key,
  );
  return first.metrics.map((record) => {
    const own = records.get(key(record)) ?? [];
    const sum = (of: 'n' | 'reached') => own.reduce((total, each) => total + each[of], 0);
    const parts = (['mean', 'p50', 'p95'] as const).flatMap((statistic) => {
      const estimate = overRepeats(own.map((each) => each[statistic]));
      return estimate === undefined ? [] : [[statistic, estimate] as const];
    });
    return {
      metric: record.metric,
      dimensions: record.dimensions,
      n: sum('n'),
      reached: sum('reached'),
      ...Object.fromEntries(parts),
    };
  });
}

/** One run keeps its own interval; of several, the worst that is no value counts. */
function overRepeats(estimates: readonly (Estimate | undefined)[]): Estimate | undefined {
  const there = estimates.filter((each) => each !== undefined);
  if (there.length < 2) return there[0];
  const never = there.find((each) => 'never' in each);
  const over = there.find((each) => 'over' in each);
  if (never ?? over) return never ?? over;
  return overRuns(there.flatMap((each) => ('value' in each ? [each.value] : [])));
}

/** A curve for each setting of the other fields. */
function drawCurves(groups: readonly (readonly StudyRun[])[], path: string): readonly StudyCurve[] {
  const others = ({ set }: StudyRun) =>
    Object.fromEntries(Object.entries(set).filter(([each]) => each !== path));
  const curves = groupBy(groups.flat(), (run) => setKey(others(run)));
  return [...curves.values()].map((runs) => {
    const repeats = [...groupBy(runs, ({ repeat }) => String(repeat)).values()];
    const each = repeats.map((own) => operationalBounds(levelsOf(own, path)));
    const levels = meanLevels(runs, path);
    const law = judgeLaw(levels);
    const set = runs[0] === undefined ? {} : others(runs[0]);
    const bounds = operationalBounds(levels);
    return { set, path, knee: findKnee(bounds, each), bounds, ...(law && { law }) };
  });
}

function levelsOf(runs: readonly StudyRun[], path: string): readonly Level[] {
  return runs.flatMap(({ summary }) => (summary && waveLevel(summary, path)) ?? []);
}

function meanLevels(runs: readonly StudyRun[], path: string): readonly Level[] {
  return [...groupBy(runs, ({ set }) => set[path] ?? '').values()].flatMap((own) => {
    const levels = levelsOf(own, path);
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
