/**
 * How long each operation of a run was in each stage, as far as the history shows it: finer than
 * the phases that tables show, since every mechanism of the simulator has to be told apart from its
 * neighbours. A moment that a watch gap blurs is no value here, so stages may hold fewer values
 * than operations went through them; the share is kept.
 */

import { analyse } from '../analyse/analysis.ts';
import type { Measured } from '../analyse/spans.ts';
import { bootIsAsked } from '../analyse/spans.ts';
import { ascending, quantileSorted } from '../analyse/statistics/quantile.ts';
import { toSeconds } from '../core/duration.ts';
import type { ObjectTable, Sighting } from '../record/object-table.ts';
import type { Operation, Run } from '../record/run.ts';

/** What happens to an object between two moments that the harness can see. */
export type StageName =
  | 'request'
  | 'creation'
  | 'claim'
  | 'provisioning'
  | 'completion'
  | 'clone'
  | 'import'
  | 'start request'
  | 'launcher pod'
  | 'scheduling'
  | 'pod start'
  | 'handover'
  | 'domain start'
  | 'vmiRunning'
  | 'guest boot'
  | 'guestReady'
  | 'stop'
  /** Seconds for each GiB that the pool grew by in a step, raw (pool-growth.ts). */
  | 'growth by a GiB';

/** From one metric's start to its end: predicted by a twin, and never fitted to. */
const WHOLES = ['clone', 'vmiRunning', 'guestReady'] as const;

export function isWhole(stage: StageName): stage is (typeof WHOLES)[number] {
  return WHOLES.some((whole) => whole === stage);
}

export interface StageTimes {
  readonly stage: StageName;
  /** Of the run, by its name. */
  readonly step: string;
  readonly image: string | undefined;
  /** What a clone is made of: `pvc`, `snapshot`; undefined where it is no clone. */
  readonly source: string | undefined;
  /** In order of release; warm-up waves are left out. */
  readonly waves: readonly StageWave[];
}

export interface StageWave {
  readonly index: number;
  /** Seconds, in order of release. */
  readonly values: readonly number[];
  /** Operations of which the history does not give the time: missed, or blurred by a gap. */
  readonly missing: number;
}

/** Equal for the same stage of the same step, in whichever run. */
export function stageKey({ stage, step, image, source }: Omit<StageTimes, 'waves'>): string {
  return [step, image, source, stage].join('\u0000');
}

/** All stages that the run's operations went through. */
export function stageTimes(run: Run): readonly StageTimes[] {
  const warmups = new Set(
    run.waves.filter(({ warmup }) => warmup).map(({ step, index }) => `${step}/${index}`),
  );
  const passed = analyse(run)
    .measured.filter(({ operation: { step, wave } }) => !warmups.has(`${step}/${wave}`))
    .flatMap((measured) => passedStages(run, measured));
  const usualUs = usualWidth(passed);
  const drafts = new Map<string, Draft>();
  for (const each of passed) file(drafts, each, usualUs);
  return [...drafts.values()].map(({ waves, ...stage }) => ({
    ...stage,
    waves: [...waves.values()].sort((a, b) => a.index - b.index),
  }));
}

interface Draft extends Omit<StageTimes, 'waves'> {
  readonly waves: Map<number, { index: number; values: number[]; missing: number }>;
}

interface Passed extends Omit<StageTimes, 'waves'> {
  /** Of its wave. */
  readonly index: number;
  readonly from: Moment;
  readonly to: Moment;
}

function file(drafts: Map<string, Draft>, passed: Passed, usualUs: number): void {
  const { index, from, to, ...stage } = passed;
  const seconds = lengthOf(from, to, usualUs);
  const key = stageKey(stage);
  let draft = drafts.get(key);
  if (draft === undefined) drafts.set(key, (draft = { ...stage, waves: new Map() }));
  let wave = draft.waves.get(index);
  if (wave === undefined) draft.waves.set(index, (wave = { index, values: [], missing: 0 }));
  if (seconds === undefined) wave.missing += 1;
  else wave.values.push(seconds);
}

/** A moment of an operation; undefined where it was not seen. */
type Moment = Sighting | undefined;

/** A stage's name with the moments that it lies between. */
type Stretch = readonly [stage: StageName, from: Moment, to: Moment];

function passedStages(run: Run, measured: Measured): readonly Passed[] {
  const { operation, subjects } = measured;
  const { variant } = subjects;
  const of = (source: string | undefined) => (stretch: Stretch) => ({
    stage: stretch[0],
    step: subjects.step.name,
    image: variant.image ?? variant.template,
    source,
    index: operation.wave,
    from: stretch[1],
    to: stretch[2],
  });
  const disks = subjects.disks
    .filter(({ isRoot }) => isRoot)
    .flatMap(({ object, source }) => diskStages(run, operation, object, source).map(of(source)));
  const { verb } = operation;
  if (verb === 'start' || (verb === 'create' && bootIsAsked(verb, subjects.step.until))) {
    return [...disks, ...bootStages(run, operation, subjects.vmi).map(of(undefined))];
  }
  if (verb === 'stop')
    return [...disks, ...stopStages(run, operation, subjects.vmi).map(of(undefined))];
  return disks;
}

function diskStages(
  { objects }: Run,
  operation: Operation,
  disk: number | undefined,
  source: string,
): readonly Stretch[] {
  const seen = disk === undefined ? undefined : objects.seen(disk);
  const done = changed(objects, disk, 'phase', 'Succeeded');
  if (source !== 'pvc' && source !== 'snapshot') return [['import', seen, done]];
  const claim = childOf(objects, disk, 'PersistentVolumeClaim');
  const claimed = claim === undefined ? undefined : objects.seen(claim);
  const bound = changed(objects, claim, 'phase', 'Bound');
  return [
    ['request', sentAt(operation), ackedAt(operation)],
    ['creation', sentAt(operation), seen],
    ['claim', seen, claimed],
    ['provisioning', claimed, bound],
    ['completion', bound, done],
    ['clone', seen, done],
  ];
}

function bootStages(
  { objects }: Run,
  operation: Operation,
  vmi: number | undefined,
): readonly Stretch[] {
  const seen = vmi === undefined ? undefined : objects.seen(vmi);
  const pod = childOf(objects, vmi, 'Pod');
  const made = pod === undefined ? undefined : objects.seen(pod);
  const scheduled = changed(objects, pod, 'PodScheduled', 'True');
  const started = changed(objects, pod, 'ContainersReady', 'True');
  const handed = changed(objects, vmi, 'phase', 'Scheduled');
  const running = changed(objects, vmi, 'phase', 'Running');
  const ready = changed(objects, vmi, 'AgentConnected', 'True');
  return [
    ['start request', sentAt(operation), seen],
    ['launcher pod', seen, made],
    ['scheduling', made, scheduled],
    ['pod start', scheduled, started],
    ['handover', started, handed],
    ['domain start', handed, running],
    ['vmiRunning', seen, running],
    ['guest boot', running, ready],
    ['guestReady', seen, ready],
  ];
}

function stopStages(
  { objects }: Run,
  operation: Operation,
  vmi: number | undefined,
): readonly Stretch[] {
  return [['stop', sentAt(operation), vmi === undefined ? undefined : objects.deleted(vmi)]];
}

/** A moment that is known so much worse than others of the run is none. */
const BLUR_MOST_US = 500_000;
/** A run in which half of the moments are worse than this has gaps, not a slow watch. */
const USUAL_MOST_US = 1_000_000;

/** Undefined where one of the moments was not seen, or only after a gap of the watch. */
function lengthOf(from: Moment, to: Moment, usualUs: number): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const isBlurred = [from, to].some((moment) => widthOf(moment) > usualUs + BLUR_MOST_US);
  return isBlurred ? undefined : toSeconds(to.atUs - from.atUs);
}

/**
 * How late a watch of this run may be, as the one event that came latest tells of all of them. It
 * is late at both ends of a stage, which is then as long as it seems.
 */
function usualWidth(passed: readonly Passed[]): number {
  const widths = passed.flatMap(({ to }) => (to === undefined ? [] : [widthOf(to)]));
  if (widths.length === 0) return 0;
  return Math.min(USUAL_MOST_US, quantileSorted(ascending(widths), 0.5));
}

function widthOf({ atUs, afterUs }: Sighting): number {
  return atUs - afterUs;
}

function sentAt({ sentUs }: Operation): Sighting {
  return { atUs: sentUs, afterUs: sentUs };
}

/** An answer to a second try says nothing of how long one request takes. */
function ackedAt({ ack }: Operation): Moment {
  return ack === undefined || ack.tries > 1 ? undefined : { atUs: ack.atUs, afterUs: ack.atUs };
}

function changed(
  objects: ObjectTable,
  object: number | undefined,
  name: string,
  value: string,
): Moment {
  return object === undefined ? undefined : objects.first(object, name, value);
}

function childOf(objects: ObjectTable, owner: number | undefined, kind: string) {
  return owner === undefined
    ? undefined
    : objects.childrenOf(owner).find((child) => objects.kindOf(child) === kind);
}
