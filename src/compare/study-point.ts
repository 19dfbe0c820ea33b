/**
 * A point of a study: what its repeats say together. A point that missed something has figures, but
 * no place on the curve against the load.
 */

import type { Dimensions } from '../analyse/span.ts';
import type { Estimate, PointEstimate } from '../analyse/statistics/estimate.ts';
import type { Level } from '../analyse/statistics/knee.ts';
import { overRuns } from '../analyse/statistics/over-runs.ts';
import type { Summary } from '../analyse/summary.ts';
import { farthestSpan, type WaveRow } from '../analyse/wave-rows.ts';
import { WAITED_FOR } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Target } from '../record/entry.ts';
import type { TwinFact } from '../record/manifest.ts';

/** `path: value`. */
export type PointSet = Readonly<Record<string, string>>;

export interface StudyRun {
  readonly set: PointSet;
  /** Which of the study's clusters; undefined where it has but one, without a name. */
  readonly cluster?: string | undefined;
  readonly repeat: number;
  /** Undefined where the run gave none. */
  readonly figures: RunFigures | undefined;
  readonly failure: string | undefined;
}

/** What a study keeps of a summary: it has thousands of them. */
export interface RunFigures {
  readonly target: Target;
  /** The measured cluster that was simulated, where it was one. */
  readonly twin?: TwinFact;
  readonly seed: number;
  readonly metrics: readonly StudyMetric[];
  /** Of the step that is varied; undefined where a wave of it missed something. */
  readonly load: MeasuredLevel | undefined;
}

/** `path`: the field that says how many operations are under way together. */
export function runFigures(summary: Summary, path: string | undefined): RunFigures {
  const { target, seed } = summary.run;
  const twin = summary.simulation?.twin;
  const metrics = summary.metrics.map(keptMetric);
  return { target, ...(twin && { twin }), seed, metrics, load: waveLevel(summary, path) };
}

function keptMetric(record: Summary['metrics'][number]): StudyMetric {
  const { metric, dimensions, n, reached } = record;
  const parts = STUDY_STATISTICS.flatMap((name) => {
    const estimate = record[name];
    return estimate === undefined ? [] : [[name, estimate] as const];
  });
  return { metric, dimensions, n, reached, ...Object.fromEntries(parts) };
}

export interface StudyPoint {
  readonly set: PointSet;
  /** Of a study of several: the rows of one point are never added up. */
  readonly cluster?: string;
  /** Undefined where no run gave figures. */
  readonly target?: Target;
  /** Runs that gave figures. */
  readonly runs: number;
  readonly failures: readonly string[];
  /** Of the waves of the step that is measured; absent where a wave missed something. */
  readonly load?: PointLoad;
  readonly metrics: readonly StudyMetric[];
}

export interface PointLoad {
  readonly metric: Metric;
  /** Of a whole wave. */
  readonly operations: number;
  /** The longest span of a wave, in the mean over whole waves. */
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
  readonly p90?: Estimate;
  readonly p95?: Estimate;
  readonly p99?: Estimate;
}

/** Of a metric, over the repeats of a point. */
export const STUDY_STATISTICS = ['mean', 'p50', 'p90', 'p95', 'p99'] as const;

export type StudyStatistic = (typeof STUDY_STATISTICS)[number];

/** The same for the repeats of a point. */
export function setKey(set: PointSet): string {
  return Object.entries(set)
    .map(([path, value]) => `${path}=${value}`)
    .join(' ');
}

export function groupBy<T>(
  items: readonly T[],
  key: (item: T) => string,
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const own = groups.get(key(item));
    if (own === undefined) groups.set(key(item), [item]);
    else own.push(item);
  }
  return groups;
}

/** For people: what is set, and on which cluster; empty where there is but one point. */
export function pointName({ set, cluster }: Pick<StudyRun, 'set' | 'cluster'>): string {
  return [setKey(set), cluster ?? ''].filter((part) => part !== '').join(', ');
}

/** The same for the repeats of a point on one cluster. */
export function pointKey({ set, cluster }: Pick<StudyRun, 'set' | 'cluster'>): string {
  return cluster === undefined ? setKey(set) : `${setKey(set)} @${cluster}`;
}

/** Of runs of one point on one cluster. */
export function summarisePoint(runs: readonly StudyRun[]): StudyPoint {
  const [first] = runs;
  const there = runs.flatMap(({ figures }) => figures ?? []);
  const load = pointLoad(there);
  const [one] = there;
  return {
    set: first?.set ?? {},
    ...(first?.cluster === undefined ? {} : { cluster: first.cluster }),
    ...(one === undefined ? {} : { target: one.target }),
    runs: there.length,
    failures: runs.flatMap(({ failure }) => failure ?? []),
    ...(load === undefined ? {} : { load }),
    metrics: pointMetrics(there),
  };
}

function pointLoad(runs: readonly RunFigures[]): PointLoad | undefined {
  const found = runs.map((run) => run.load);
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
  const byWave = [...groupBy(rows, ({ wave }) => String(wave)).values()].map((own) => {
    const n = own.reduce((sum, each) => sum + each.n, 0);
    return { n, seconds: waveSeconds(own, metric) };
  });
  if (byWave.some(({ seconds }) => seconds === undefined)) return undefined;
  // What is left over for the last wave is another load than the one that was asked for.
  const n = Math.max(...byWave.map((wave) => wave.n));
  const ends = byWave.flatMap((wave) => (wave.n === n ? (wave.seconds ?? []) : []));
  return { metric, n, seconds: ends.reduce((sum, each) => sum + each, 0) / ends.length };
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

function pointMetrics(runs: readonly RunFigures[]): readonly StudyMetric[] {
  const [first] = runs;
  if (first === undefined) return [];
  const key = ({ metric, dimensions }: Pick<StudyMetric, 'metric' | 'dimensions'>) =>
    JSON.stringify([metric, Object.entries(dimensions)]);
  const records = groupBy(
    runs.flatMap(({ metrics }) => metrics),
    key,
  );
  return first.metrics.map((record) => {
    const own = records.get(key(record)) ?? [];
    const sum = (of: 'n' | 'reached') => own.reduce((total, each) => total + each[of], 0);
    const parts = STUDY_STATISTICS.flatMap((statistic) => {
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

/** Of the runs that measured all of their waves. */
export function listLevels(runs: readonly StudyRun[]): readonly Level[] {
  return runs.flatMap(({ figures }) => figures?.load ?? []);
}

/** The first that there is of what people wait for. */
export function quotedMetric<M extends { readonly metric: Metric }>({
  metrics,
}: {
  readonly metrics: readonly M[];
}): M | undefined {
  return WAITED_FOR.flatMap((name) => metrics.find(({ metric }) => metric === name) ?? [])[0];
}
