/**
 * What the user asked for, checked and complete: the type that planning starts from. Durations are
 * whole microseconds, sizes bytes; every default is filled in and every VM that a step acts on is
 * already known by its index, since each step only depends on the steps before it.
 */

import type { Action } from '../catalogue/actions.ts';
import type { MetricProfile, MetricQuery, MetricUnit } from '../catalogue/metric-profiles.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { FailCondition, Goal, KindName, OtherObject, ProbeTest } from '../catalogue/tests.ts';
import type { SimulatedFaults } from '../parameters/faults-schema.ts';
import type { Template, Values } from './template.ts';
import type { GuestProfile } from '../parameters/guests.ts';
import type { ParameterOverrides } from '../parameters/parameters.ts';
import type { Release } from '../parameters/release.ts';
import type { StorageKind } from '../parameters/storage-kinds.ts';

export interface Scenario {
  /** A DNS-1123 label; names the folders of results. */
  readonly name: string;
  readonly description: string | undefined;
  /** Nights of one series are compared, whatever else changes; undefined: by their load. */
  readonly series: string | undefined;
  /** Where the run's objects live; undefined: a namespace of the run's own. */
  readonly namespace: string | undefined;
  readonly storage: Storage;
  readonly images: readonly Image[];
  readonly templates: readonly Template[];
  readonly steps: readonly Step[];
  readonly timeouts: Timeouts;
  /** Share of a step's operations that may miss before the run counts as incomplete. */
  readonly errorBudget: number;
  readonly slo: readonly ServiceLevel[];
  /** Limits on what the cluster felt. */
  readonly feltLimits: readonly FeltLimit[];
  /** What is asked of the cluster's Prometheus about each step. */
  readonly metrics: MetricsAsked | undefined;
  readonly simulation: Simulation;
  readonly origin: Origin;
}

export interface MetricsAsked {
  readonly profile: MetricProfile | undefined;
  readonly queries: readonly MetricQuery[];
  /** A value at each such interval. */
  readonly everyUs: number;
}

/** The text that the scenario came from, kept word for word for the run's manifest. */
export interface Origin {
  readonly fileName: string;
  readonly text: string;
  /** `path=value`, as given with --set. */
  readonly overrides: readonly string[];
  /** The YAML tree after the overrides, before defaults: what a fingerprint is taken of. */
  readonly document: unknown;
}

export interface Storage {
  readonly className: string;
  readonly snapshotClassName: string | undefined;
  readonly accessModes: readonly string[];
  readonly volumeMode: 'Block' | 'Filesystem';
}

/** An amount as the user wrote it (it goes into manifests) and in bytes. */
interface Quantity {
  readonly text: string;
  readonly bytes: number;
}

export interface Image {
  readonly key: string;
  readonly origin: ImageOrigin;
  readonly size: Quantity;
  /** Of the DataVolume, hence of the PVC. */
  readonly name: string;
  readonly snapshotName: string;
  /** Of both; undefined: the run's. */
  readonly namespace: string | undefined;
  /** Some step or template clones from the snapshot, so the run takes one. */
  readonly snapshotNeeded: boolean;
}

export type ImageOrigin =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'registry'; readonly url: string }
  | {
      readonly kind: 'pvc' | 'snapshot' | 'dataSource';
      readonly namespace: string | undefined;
      readonly name: string;
    };

export type CloneSource = 'pvc' | 'snapshot';

export type Step = CloneStep | VmStep | CleanupStep | ApplyStep | ActStep | PauseStep;

interface StepBase {
  readonly name: string;
  /** Steps of one number begin at the same moment; undefined: once the step before is over. */
  readonly group?: number | undefined;
}

interface WaveStepBase extends StepBase {
  readonly waves: WaveSettings;
}

export interface CloneStep extends WaveStepBase {
  readonly kind: 'clone';
  readonly image: string;
  readonly arms: readonly CloneArm[];
  /** Arms alternate by waves as A B B A instead of following one another. */
  readonly interleaved: boolean;
  readonly cleanup: boolean;
}

/** Clones numbered from `first`: a second step of one image and source counts on. */
export interface CloneArm {
  readonly image: string;
  readonly source: CloneSource;
  /** Asked of CDI on a storage class that would wait for a first consumer. */
  readonly bindImmediately?: true;
  readonly first: number;
  readonly count: number;
}

export interface VmStep extends WaveStepBase {
  readonly kind: 'deploy' | 'boot' | 'stop' | 'delete';
  readonly targets: readonly VmTarget[];
  /** Templates are mixed evenly within each wave instead of following one another. */
  readonly mixed: boolean;
  readonly via: 'subresource' | 'patch';
  /** Name of the churn that it is a part of. */
  readonly churn?: string;
}

export interface VmTarget {
  readonly template: string;
  readonly indices: readonly number[];
}

/** Deletes what an earlier step created and no step has deleted since. */
export interface CleanupStep extends WaveStepBase {
  readonly kind: 'cleanup';
  readonly arms: readonly CloneArm[];
  readonly targets: readonly VmTarget[];
}

interface UntilStepBase extends WaveStepBase {
  /** What is waited for, one after the other. */
  readonly goals: readonly Goal[];
  /** What makes it useless to wait. */
  readonly failConditions: readonly FailCondition[];
}

export interface ApplyStep extends UntilStepBase {
  readonly kind: 'apply';
  readonly manifests: readonly AnyManifest[];
  /** So many of each, numbered from 1. */
  readonly count: number;
  /** Fields of an object that is there are taken from who owns them. */
  readonly force: boolean;
  /** No run owns it, and no clean-up removes it. */
  readonly keep: boolean;
}

/** A manifest with placeholders, of whatever kind. */
export interface AnyManifest {
  readonly key: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** As written, deeply frozen. */
  readonly tree: unknown;
  readonly values: Values;
}

/** Steps whose objects something can be done to. */
export type MakingStep = CloneStep | VmStep | ApplyStep;

export interface ActStep extends UntilStepBase {
  readonly kind: 'act';
  readonly target: ActTarget;
  readonly action: Action;
  /** Done to its objects where the run ends before its last step. */
  readonly undo: Action | undefined;
}

/** What it is done to, and to how many of it at the most. */
export type ActTarget = { readonly count: number } & (
  | {
      readonly on: 'step';
      /** Undefined only where the file is wrong. */
      readonly step: MakingStep | undefined;
      /** It is done to what goes with each of its objects by name. */
      readonly other: OtherObject | undefined;
    }
  | {
      readonly on: 'names';
      readonly of: KindName;
      readonly names: readonly string[];
      /** The run's where undefined. */
      readonly namespace: string | undefined;
    }
  /** What is there when the step begins. */
  | {
      readonly on: 'selection';
      readonly of: KindName;
      readonly labels: string | undefined;
      readonly fields: string | undefined;
      /** The run's where undefined; `*`: all. */
      readonly namespace: string | undefined;
    }
);

export interface PauseStep extends StepBase {
  readonly kind: 'pause';
  readonly durationUs: number;
}

export interface WaveSettings {
  readonly size: number;
  readonly pacing:
    | { readonly loop: 'closed'; readonly share: number; readonly pauseUs: number }
    | { readonly loop: 'open'; readonly everyUs: number }
    /** Each wave follows the wave of the same number of that step, which is of the same group. */
    | { readonly loop: 'after'; readonly step: string };
  /** The milestone that ends an operation. */
  readonly until: Milestone;
  /** What guests are asked, where that is that they answer. */
  readonly probe: ProbeTest | undefined;
  /** Intended starts of a wave are spread evenly over this time. */
  readonly rampUs: number;
  readonly timeoutUs: number;
  /** Of each arm: recorded, and left out of the headline figures. */
  readonly warmupWaves: number;
  readonly inFlightMax: number | undefined;
  readonly errorBudget: number;
  /** Share of a wave's operations that may miss before the run is aborted; 1: never. */
  readonly waveErrorBudget: number;
}

/** From an operation's intended start to its deadline, by what it does. */
export interface Timeouts {
  readonly importUs: number;
  readonly snapshotUs: number;
  readonly cloneUs: number;
  readonly deployUs: number;
  readonly bootUs: number;
  readonly stopUs: number;
  readonly deleteUs: number;
  readonly applyUs: number;
  readonly actUs: number;
}

/** A limit that a nightly verdict judges. */
export interface ServiceLevel {
  readonly metric: Metric;
  readonly step: string | undefined;
  readonly image: string | undefined;
  readonly source: CloneSource | undefined;
  readonly statistic: 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'min' | 'max';
  readonly limitUs: number;
}

/** A limit on what is asked of the cluster's Prometheus; without a step it holds for each. */
export interface FeltLimit {
  /** Name of the question. */
  readonly felt: string;
  readonly unit: MetricUnit;
  readonly step: string | undefined;
  readonly statistic: 'mean' | 'max';
  /** In the unit of the question; seconds where that is seconds. */
  readonly limit: number;
}

export interface Simulation {
  /** Names the simulated hardware for comparisons. */
  readonly environment: string;
  /** What its controllers behave like. */
  readonly release: Release;
  /** What its volumes are kept on. */
  readonly storage: StorageKind;
  /** It begins with nodes and OLM alone: operators and storage are for the scenario to bring. */
  readonly isBare: boolean;
  /** A step takes the power from servers. */
  readonly losesPower: boolean;
  readonly seed: number | undefined;
  readonly images: readonly SimulatedImage[];
  readonly parameters: ParameterOverrides;
  /** What goes wrong; nothing where undefined. */
  readonly faults: SimulatedFaults | undefined;
  /** What the constants were fitted to, where bench calibrate did that. */
  readonly twin: TwinOrigin | undefined;
}

export interface TwinOrigin {
  readonly runs: readonly string[];
  readonly cluster: string;
  /** By metric: the share by which a held-out part of the runs was missed. */
  readonly within: Readonly<Record<string, number>>;
  /** Counters of the simulated cluster that stood at 0 when it played these runs. */
  readonly unseen: readonly string[];
  /** Counters of what no constant that was fitted is behind. */
  readonly guessed: readonly string[];
}

/** What an image holds, as far as timing cares. */
export interface SimulatedImage {
  readonly key: string;
  readonly dataBytes: number;
  /** Undefined: nothing boots from it. */
  readonly guest: GuestProfile | undefined;
  /** The scenario says nothing of it, so that it is a guess. */
  readonly isAssumed: boolean;
}
