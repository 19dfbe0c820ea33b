/**
 * Where the time of a clone and of a boot goes, stage by stage. What a reader would get wrong:
 * controllers skip phases that are over at once, so a stage that was not seen took no time of its
 * own; it begins when the next one that was seen begins.
 */

import { toSeconds } from '../core/duration.ts';
import type { ObjectTable } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';
import type { Dimensions, Span } from './span.ts';
import { dimensionKey } from './spans.ts';

export interface StageBreakdown {
  readonly of: 'clone' | 'boot';
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

interface StageMark {
  readonly stage: string;
  readonly change: string;
  /** Any of these begins the stage. */
  readonly values: readonly string[];
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
  { stage: 'succeeded', change: 'phase', values: ['Succeeded'] },
];

const BOOT_MARKS: readonly StageMark[] = [
  { stage: 'scheduling', change: 'phase', values: ['Scheduling'] },
  { stage: 'scheduled', change: 'phase', values: ['Scheduled'] },
  { stage: 'running', change: 'phase', values: ['Running'] },
  { stage: 'guestReady', change: 'AgentConnected', values: ['True'] },
];

/** When each stage of filling a DataVolume began; `created` is its first sight. */
export function cloneStages(objects: ObjectTable, volume: number): readonly StageStart[] {
  const created = { stage: 'created', atUs: objects.seen(volume).atUs };
  return [created, ...VOLUME_MARKS.map((mark) => stageStart(objects, volume, mark))];
}

/** When each stage of a boot began; `startAsked` is the sending of our request. */
export function bootStages(
  objects: ObjectTable,
  instance: number,
  { sentUs, found }: Operation,
): readonly StageStart[] {
  return [
    ...(found ? [] : [{ stage: 'startAsked', atUs: sentUs }]),
    { stage: 'created', atUs: objects.seen(instance).atUs },
    ...BOOT_MARKS.map((mark) => stageStart(objects, instance, mark)),
  ];
}

/**
 * Mean time in each stage, for the objects whose `clone`, `guestReady` or (where no guest was
 * waited for) `vmiRunning` span was reached, by dimensions.
 */
export function stageBreakdowns(run: Run, spans: readonly Span[]): readonly StageBreakdown[] {
  const guests = new Set(spans.filter(isGuest).map(({ operation }) => operation.step));
  const sums = new Map<string, Sums>();
  for (const span of spans) {
    const isLast = span.metric === 'vmiRunning' && !guests.has(span.operation.step);
    if (span.metric === 'clone' || isGuest(span) || isLast) addSpan(sums, run, span);
  }
  return [...sums.values()].map(({ of, dimensions, n, totalsUs }) => ({
    of,
    dimensions,
    n,
    stages: [...totalsUs].map(([stage, us]) => ({ stage, seconds: toSeconds(us / n) })),
  }));
}

interface Sums {
  readonly of: 'clone' | 'boot';
  readonly dimensions: Dimensions;
  n: number;
  readonly totalsUs: Map<string, number>;
}

function isGuest({ metric }: Span): boolean {
  return metric === 'guestReady';
}

function addSpan(sums: Map<string, Sums>, run: Run, span: Span): void {
  const { object, operation, dimensions, metric } = span;
  if (object === undefined || span.outcome.state !== 'reached') return;
  const of = metric === 'clone' ? 'clone' : 'boot';
  const key = `${of}/${operation.step}/${dimensionKey(dimensions)}`;
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { of, dimensions, n: 0, totalsUs: new Map() }));
  const stages =
    of === 'clone' ? cloneStages(run.objects, object) : bootStages(run.objects, object, operation);
  const through = metric === 'vmiRunning' ? stages.slice(0, -1) : stages;
  sum.n += 1;
  for (const { stage, us } of timeInStages(through)) {
    sum.totalsUs.set(stage, (sum.totalsUs.get(stage) ?? 0) + us);
  }
}

/** The time from each stage's beginning to the next one's; the last one has none. */
export function timeInStages(
  starts: readonly StageStart[],
): readonly { stage: string; us: number }[] {
  let nextUs: number | undefined;
  const times: { stage: string; us: number }[] = [];
  for (const { stage, atUs } of starts.toReversed()) {
    const beginsUs = atUs === undefined || atUs > (nextUs ?? atUs) ? (nextUs ?? 0) : atUs;
    if (nextUs !== undefined) times.push({ stage, us: nextUs - beginsUs });
    nextUs = beginsUs;
  }
  return times.toReversed();
}

function stageStart(objects: ObjectTable, object: number, mark: StageMark): StageStart {
  const found = mark.values.flatMap((value) => objects.first(object, mark.change, value) ?? []);
  const atUs = found.length === 0 ? undefined : Math.min(...found.map((change) => change.atUs));
  return { stage: mark.stage, atUs };
}
