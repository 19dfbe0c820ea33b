/**
 * Where the time of a clone and of a boot goes, stage by stage. Controllers skip phases that are
 * over at once, so a stage that was not seen took no time of its own; it begins when the next one
 * that was seen begins.
 */

import { fartherMetrics, HEADLINE_METRICS, metricFacts } from '../catalogue/metric-sets.ts';
import type { Staged } from '../catalogue/metrics.ts';
import { findMark } from '../catalogue/milestone-marks.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import { present } from '../core/assert.ts';
import { toSeconds } from '../core/duration.ts';
import type { ObjectTable } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';
import type { Dimensions, Span } from './span.ts';
import { dimensionKey } from './spans.ts';

export interface StageBreakdown {
  readonly of: Staged;
  readonly dimensions: Dimensions;
  /** Objects that went all the way; the means are over them. */
  readonly n: number;
  readonly stages: readonly StageMean[];
}

interface StageMean {
  readonly stage: string;
  /** Mean time in the stage. */
  readonly seconds: number;
}

/** When a stage began, microseconds since the run's start. */
export interface StageStart {
  readonly stage: string;
  readonly atUs: number | undefined;
}

export interface StageTime {
  readonly stage: string;
  readonly us: number;
}

interface StageMark {
  readonly stage: string;
  readonly change: string;
  /** Any of these begins the stage. */
  readonly values: readonly string[];
  /** Reached as the stage begins. */
  readonly milestone?: Milestone;
  /** Not all objects get to it: a guest may have no agent. */
  readonly isOptional?: boolean;
}

/** Phases of a DataVolume (CDI types.go), by the part that they play. */
const VOLUME_MARKS: readonly StageMark[] = [
  { stage: 'scheduled', change: 'phase', values: ['CloneScheduled', 'ImportScheduled'] },
  {
    stage: 'inProgress',
    change: 'phase',
    values: [
      'CSICloneInProgress',
      'CloneFromSnapshotSourceInProgress',
      'SnapshotForSmartCloneInProgress',
      'CloneInProgress',
      'ImportInProgress',
    ],
  },
  { stage: 'rebind', change: 'phase', values: ['RebindInProgress'] },
  milestoneStage('succeeded', 'dataVolumeSucceeded'),
];

const BOOT_MARKS: readonly StageMark[] = [
  { stage: 'scheduling', change: 'phase', values: ['Scheduling'] },
  { stage: 'scheduled', change: 'phase', values: ['Scheduled'] },
  milestoneStage('running', 'instanceRunning'),
  { ...milestoneStage('guestReady', 'guestReady'), isOptional: true },
  milestoneStage('reachable', 'reachable'),
];

const MARKS: Readonly<Record<Staged, readonly StageMark[]>> = {
  clone: VOLUME_MARKS,
  boot: BOOT_MARKS,
};

/**
 * When each stage began: `created` is the first sight of the object, `startAsked` the sending of
 * our request for a boot.
 */
export function stagesBegun(
  of: Staged,
  objects: ObjectTable,
  object: number,
  { sentUs, found }: Operation,
): readonly StageStart[] {
  return [
    ...(of === 'boot' && found === undefined ? [{ stage: 'startAsked', atUs: sentUs }] : []),
    { stage: 'created', atUs: objects.seen(object).atUs },
    ...MARKS[of].flatMap((mark) => {
      const start = stageStart(objects, object, mark);
      return mark.isOptional && start.atUs === undefined ? [] : [start];
    }),
  ];
}

/** Time in each stage on the way to the span's milestone; undefined where it did not get there. */
export function stagesPassed(objects: ObjectTable, span: Span): readonly StageTime[] | undefined {
  const { object, operation, outcome, metric } = span;
  const { stages: of, milestone } = metricFacts(metric);
  if (of === undefined || object === undefined || outcome.state !== 'reached') return undefined;
  const begun = stagesBegun(of, objects, object, operation);
  const last = MARKS[of].find((mark) => mark.milestone === milestone)?.stage;
  const end = begun.findIndex(({ stage }) => stage === last);
  return timeInStages(end < 0 ? begun : begun.slice(0, end + 1));
}

/**
 * Mean time in each stage, for the objects whose headline span to the last milestone that the step
 * has was reached, by dimensions.
 */
export function stageBreakdowns(run: Run, spans: readonly Span[]): readonly StageBreakdown[] {
  const measured = new Set(spans.map(({ metric, operation }) => `${metric}/${operation.step}`));
  const sums = new Map<string, Sums>();
  for (const span of spans) {
    if (!HEADLINE_METRICS.has(span.metric)) continue;
    const isPart = fartherMetrics(span.metric).some((farther) =>
      measured.has(`${farther}/${span.operation.step}`),
    );
    if (!isPart) addSpan(sums, run, span);
  }
  return [...sums.values()].map(({ of, dimensions, n, totalsUs }) => ({
    of,
    dimensions,
    n,
    stages: [...totalsUs].map(([stage, us]) => ({ stage, seconds: toSeconds(us / n) })),
  }));
}

interface Sums {
  readonly of: Staged;
  readonly dimensions: Dimensions;
  n: number;
  readonly totalsUs: Map<string, number>;
}

function addSpan(sums: Map<string, Sums>, run: Run, span: Span): void {
  const { operation, dimensions, metric } = span;
  const { stages: of } = metricFacts(metric);
  const passed = stagesPassed(run.objects, span);
  if (of === undefined || passed === undefined) return;
  const key = `${of}/${operation.step}/${dimensionKey(dimensions)}`;
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { of, dimensions, n: 0, totalsUs: new Map() }));
  sum.n += 1;
  for (const { stage, us } of passed) {
    sum.totalsUs.set(stage, (sum.totalsUs.get(stage) ?? 0) + us);
  }
}

/** The time from each stage's beginning to the next one's; the last one seen has none. */
export function timeInStages(starts: readonly StageStart[]): readonly StageTime[] {
  let nextUs: number | undefined;
  const times: StageTime[] = [];
  for (const { stage, atUs } of starts.toReversed()) {
    // It did not get so far.
    if (atUs === undefined && nextUs === undefined) continue;
    const beginsUs = atUs === undefined || atUs > (nextUs ?? atUs) ? (nextUs ?? 0) : atUs;
    if (nextUs !== undefined) times.push({ stage, us: nextUs - beginsUs });
    nextUs = beginsUs;
  }
  return times.toReversed();
}

function milestoneStage(stage: string, milestone: Milestone): StageMark {
  const mark = present(findMark(milestone), `mark of ${milestone}`);
  return { stage, change: mark.change, values: [mark.value], milestone };
}

function stageStart(objects: ObjectTable, object: number, mark: StageMark): StageStart {
  const found = mark.values.flatMap((value) => objects.first(object, mark.change, value) ?? []);
  const atUs = found.length === 0 ? undefined : Math.min(...found.map((change) => change.atUs));
  return { stage: mark.stage, atUs };
}
