/**
 * The metrics: each once, as data, in the order in which they are shown. To add one, add it here:
 * summary, terminal, page, files, gate and scenario schema follow. A latency of objects begins at
 * the first sight of the object; its `response` sibling ends with it and begins at the intended
 * start, and its `longest` sibling has one value a wave, the longest of that wave.
 */

import { BOOT, BOOT_RESPONSE, LATENCY, LONGEST, NO_SIBLINGS, RESPONSE } from './metric-shapes.ts';
import type { Milestone } from './milestones.ts';

/** Whether less of the metric is good (latencies) or more (throughput, success). */
export type Direction = 'lowerIsBetter' | 'higherIsBetter';

/** What one value is of. */
export type Subject = ObjectSubject | 'request' | 'wave' | 'stage';

export type ObjectSubject =
  /** A DataVolume that is filled from a PVC or a snapshot. */
  | 'clonedVolume'
  /** A DataVolume that is filled from anything else. */
  | 'importedVolume'
  | 'snapshot'
  /** A VMI that a boot leads to. */
  | 'vmi'
  /** A VMI whose VM was told to stop. */
  | 'stoppedInstance'
  | 'deletedObject'
  /** Of any kind: applied by the run, or there and acted upon. */
  | 'appliedObject'
  | 'actedObject';

/** What is told stage by stage. */
export const STAGED = ['clone', 'boot'] as const;

export type Staged = (typeof STAGED)[number];

export interface MetricFacts<Name extends string = string> {
  readonly subject: Subject;
  /** What ends it; undefined where that is no milestone of its own. */
  readonly milestone: Milestone | undefined;
  readonly from:
    | 'firstSight'
    | 'sent'
    | 'intendedStart'
    | 'release'
    | 'earlyCompletions'
    | 'stageBefore';
  readonly unit: 'seconds' | 'secondsPerOperation';
  readonly response: Name | undefined;
  readonly longest: Name | undefined;
  /**
   * The metric that this one goes on from: the same start, a later milestone. It is measured where
   * the step waits for it, or some object of the step got there; the nearer one is then a part.
   */
  readonly beyond: Name | undefined;
  /** Whose stages tell where its time went. */
  readonly stages: Staged | undefined;
  /** In names of columns. */
  readonly column: string;
  readonly heading: string;
  /** One line for people. */
  readonly meaning: string;
  /**
   * Whether nights are judged by it: always, as a figure that people quote; beside those of the
   * same step; only where a run has none of those; or never, since it repeats others.
   */
  readonly gate: 'headline' | 'beside' | 'fallback' | 'never';
  /** A scenario may set a limit on it. */
  readonly slo: boolean;
  readonly direction: Direction;
}

/** Checks that siblings are metrics of the same catalogue. */
export function defineMetrics<
  const Catalogue extends {
    readonly [Name in keyof Catalogue]: MetricFacts<keyof Catalogue & string>;
  },
>(catalogue: Catalogue): Catalogue {
  return catalogue;
}

export const METRICS = defineMetrics({
  import: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'importedVolume',
    milestone: 'dataVolumeSucceeded',
    from: 'firstSight',
    stages: 'clone',
    column: 'import',
    heading: 'import',
    meaning: 'first sight of a DataVolume from a URL, registry or nothing, to phase Succeeded',
    gate: 'fallback',
    slo: true,
  },
  snapshotReady: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'snapshot',
    milestone: 'snapshotReady',
    from: 'firstSight',
    stages: undefined,
    column: 'snapshot_ready',
    heading: 'snapshot ready',
    meaning: 'first sight of a VolumeSnapshot to readyToUse',
    gate: 'fallback',
    slo: true,
  },
  clone: {
    ...LATENCY,
    subject: 'clonedVolume',
    milestone: 'dataVolumeSucceeded',
    from: 'firstSight',
    response: 'cloneResponse',
    longest: 'waveClone',
    beyond: undefined,
    stages: 'clone',
    column: 'clone',
    heading: 'clone',
    meaning: 'first sight of a DataVolume from a PVC or a snapshot, to phase Succeeded',
    gate: 'headline',
    slo: true,
  },
  vmiRunning: {
    ...BOOT,
    milestone: 'instanceRunning',
    response: 'runningResponse',
    longest: 'waveRunning',
    beyond: undefined,
    column: 'vmi_running',
    heading: 'VMI Running',
    meaning: 'first sight of a VMI to phase Running',
  },
  addressed: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'vmi',
    milestone: 'addressed',
    from: 'firstSight',
    beyond: 'vmiRunning',
    stages: undefined,
    column: 'addressed',
    heading: 'VMI has an address',
    meaning: 'first sight of a VMI to the first address in its status',
    gate: 'beside',
    slo: true,
  },
  guestReady: {
    ...BOOT,
    milestone: 'guestReady',
    response: 'guestReadyResponse',
    longest: 'waveGuestReady',
    beyond: 'addressed',
    column: 'guest_ready',
    heading: 'guest ready',
    meaning: 'first sight of a VMI to the first answer of its guest agent: the guest has booted',
  },
  reachable: {
    ...BOOT,
    milestone: 'reachable',
    response: 'reachableResponse',
    longest: 'waveReachable',
    beyond: 'guestReady',
    column: 'reachable',
    heading: 'guest reachable',
    meaning:
      'first sight of a VMI to the first answer of its guest to the probe of the step, asked ' +
      'from where bench runs: as well known as the time since the probe before',
  },
  waveClone: {
    ...LONGEST,
    milestone: 'dataVolumeSucceeded',
    column: 'wave_clone',
    heading: 'slowest clone of a wave',
    meaning: 'the longest clone of each wave',
  },
  waveRunning: {
    ...LONGEST,
    milestone: 'instanceRunning',
    column: 'wave_running',
    heading: 'slowest VMI Running of a wave',
    meaning: 'the longest vmiRunning of each wave',
  },
  waveGuestReady: {
    ...LONGEST,
    milestone: 'guestReady',
    column: 'wave_guest_ready',
    heading: 'slowest guest of a wave',
    meaning: 'the longest guestReady of each wave',
  },
  waveReachable: {
    ...LONGEST,
    milestone: 'reachable',
    column: 'wave_reachable',
    heading: 'slowest guest of a wave to answer',
    meaning: 'the longest reachable of each wave',
  },
  waveMakespan: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'wave',
    milestone: undefined,
    from: 'release',
    stages: undefined,
    column: 'wave_makespan',
    heading: 'whole wave',
    meaning: 'release of a wave to the last milestone of its operations',
    gate: 'beside',
    slo: true,
  },
  wavePace: {
    ...NO_SIBLINGS,
    subject: 'wave',
    milestone: undefined,
    from: 'earlyCompletions',
    unit: 'secondsPerOperation',
    stages: undefined,
    column: 'wave_pace',
    heading: 'time per operation',
    meaning:
      'seconds per operation between the 10th and the 90th percentile of the completions of a wave',
    gate: 'beside',
    slo: true,
    direction: 'lowerIsBetter',
  },
  cloneResponse: {
    ...RESPONSE,
    subject: 'clonedVolume',
    milestone: 'dataVolumeSucceeded',
    stages: 'clone',
    column: 'clone_response',
    heading: 'clone from intended start',
    meaning: 'intended start to the end of clone: our own queueing included',
  },
  runningResponse: {
    ...BOOT_RESPONSE,
    milestone: 'instanceRunning',
    column: 'running_response',
    heading: 'VMI Running from intended start',
    meaning: 'intended start to the end of vmiRunning: our own queueing included',
  },
  guestReadyResponse: {
    ...BOOT_RESPONSE,
    milestone: 'guestReady',
    column: 'guest_ready_response',
    heading: 'guest ready from intended start',
    meaning: 'intended start to the end of guestReady: our own queueing included',
  },
  reachableResponse: {
    ...BOOT_RESPONSE,
    milestone: 'reachable',
    column: 'reachable_response',
    heading: 'guest reachable from intended start',
    meaning: 'intended start to the end of reachable: our own queueing included',
  },
  stop: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'stoppedInstance',
    milestone: 'stopped',
    from: 'sent',
    stages: undefined,
    column: 'stop',
    heading: 'stop',
    meaning: 'sending of the request to stop a VM until its VMI is gone',
    gate: 'fallback',
    slo: true,
  },
  delete: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'deletedObject',
    milestone: 'deleted',
    from: 'sent',
    stages: undefined,
    column: 'delete',
    heading: 'delete',
    meaning: 'sending of the request to delete an object until it is gone',
    gate: 'fallback',
    slo: true,
  },
  apply: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'appliedObject',
    milestone: 'until',
    from: 'sent',
    stages: undefined,
    column: 'apply',
    heading: 'apply',
    meaning: 'sending of the request to apply an object until all that the step waits for is true',
    gate: 'headline',
    slo: true,
  },
  act: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'actedObject',
    milestone: 'until',
    from: 'sent',
    stages: undefined,
    column: 'act',
    heading: 'act',
    meaning: 'sending of the request to do it until all that the step waits for is true',
    gate: 'headline',
    slo: true,
  },
  stage: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'stage',
    milestone: undefined,
    from: 'stageBefore',
    stages: undefined,
    column: 'stage',
    heading: 'stage',
    meaning: 'time in each stage of an apply or act: from the end of the stage before, or sending',
    gate: 'beside',
    slo: true,
  },
  acknowledged: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'request',
    milestone: undefined,
    from: 'sent',
    stages: undefined,
    column: 'acknowledged',
    heading: 'creation acknowledged',
    meaning: 'sending of a creation to its answer: what it stood in admission, unseen as yet',
    gate: 'never',
    slo: true,
  },
  sendLag: {
    ...LATENCY,
    ...NO_SIBLINGS,
    subject: 'request',
    milestone: undefined,
    from: 'intendedStart',
    stages: undefined,
    column: 'send_lag',
    heading: 'send lag',
    meaning: 'intended start of an operation until its request was sent: how late bench itself was',
    gate: 'never',
    slo: false,
  },
});

export type Metric = keyof typeof METRICS;
