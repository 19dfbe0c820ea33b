/**
 * Exactly what will happen, and when: the value that `bench plan` prints and that drive/ performs.
 * Times inside a wave are offsets from the wave's release; when a closed-loop wave is released is
 * known only while it runs.
 */

import type { KubeObject } from '../api/object.ts';
import type { Milestone } from '../catalogue/milestones.ts';
import type { Action } from '../catalogue/actions.ts';
import type { Goal, KindName, FailCondition, ProbeTest } from '../catalogue/tests.ts';
import type { StepKind } from '../catalogue/step-kinds.ts';
import type { Verb } from '../catalogue/verbs.ts';
import type { MetricsAsked } from '../scenario/scenario.ts';

export interface Plan {
  readonly scenario: string;
  readonly runId: string;
  /** Where everything that the run creates lives. */
  readonly namespace: string;
  /** Carried by all that the run creates. */
  readonly labels: Readonly<Record<string, string>>;
  readonly steps: readonly PlannedStep[];
  /** What the cluster's Prometheus is asked about each step; nothing where absent. */
  readonly metrics?: MetricsAsked | undefined;
  /**
   * So many first steps bring up what the others stand on: until they are over, kinds of VMs and
   * volumes may not be served. None where absent.
   */
  readonly labSteps?: number;
}

export interface PlannedVariant {
  readonly image?: string | undefined;
  readonly source?: string | undefined;
  readonly template?: string | undefined;
}

export type PlannedStep = WaveStep | PauseStep;

interface StepBase {
  readonly index: number;
  readonly name: string;
  /** Steps of one number follow each other and begin at the same moment. */
  readonly group?: number | undefined;
}

interface PauseStep extends StepBase {
  readonly kind: 'pause';
  readonly durationUs: number;
}

export interface WaveStep extends StepBase {
  /** Name of the churn that it is a part of. */
  readonly churn?: string | undefined;
  /**
   * `image` steps prepare golden images, a step each for import and snapshot; an import is over
   * once its DataVolume has Succeeded and its claim is Bound.
   */
  readonly kind: Exclude<StepKind, 'pause' | 'observe'>;
  readonly variants: readonly PlannedVariant[];
  readonly until: Milestone;
  /** What guests are asked, where that is that they answer. */
  readonly probe?: ProbeTest;
  /** Where that is for the step itself to say. */
  readonly asks?: StepAsks;
  /** Its objects are those that are there when it begins; `waves` is empty until then. */
  readonly select?: Selection;
  /** From an operation's intended start to its deadline. */
  readonly timeoutUs: number;
  readonly errorBudget: number;
  /** Share of a wave's operations that may miss before the run is aborted; 1: never. */
  readonly waveErrorBudget: number;
  readonly pacing: Pacing;
  /** Operations sent and not yet at their goal, at the most. */
  readonly inFlightMax: number | undefined;
  readonly interleaved: boolean;
  readonly waves: readonly PlannedWave[];
  /** Delete what the step created once its last wave is over. */
  readonly cleanup: boolean;
}

export interface Selection {
  readonly of: KindName;
  readonly labels: string | undefined;
  readonly fields: string | undefined;
  /** All where undefined. */
  readonly namespace: string | undefined;
  /** Of more objects, the first so many by namespace and name. */
  readonly most: number;
  /** The waves over these objects; pure, and the same at each call. */
  waves(places: readonly ObjectPlace[]): readonly PlannedWave[];
}

export interface ObjectPlace {
  /** Empty where its kind lives in none. */
  readonly namespace: string;
  readonly name: string;
}

export type Pacing =
  /** The next wave waits until this share of the wave is over, then pauses. */
  | { readonly loop: 'closed'; readonly share: number; readonly pauseUs: number }
  /** Wave k is released k periods after the step's start, whatever has completed. */
  | { readonly loop: 'open'; readonly everyUs: number }
  /** Wave k is released once wave k of that step of the same group is over. */
  | { readonly loop: 'after'; readonly step: string };

export interface PlannedWave {
  readonly index: number;
  readonly warmup: boolean;
  readonly operations: readonly PlannedOperation[];
}

export interface PlannedOperation {
  /** Unique in the plan; counts up in order of intended start. */
  readonly id: number;
  readonly verb: Verb;
  /** How a VM is started or stopped. */
  readonly via?: 'subresource' | 'patch';
  readonly kind: string;
  /** Of its kind, where the scenario names it; bench knows it otherwise, or discovery tells. */
  readonly apiVersion?: string | undefined;
  readonly namespace: string;
  readonly name: string;
  /** Index into the step's variants. */
  readonly variant: number;
  /** Intended start, after the wave's release. */
  readonly offsetUs: number;
  /** DataVolumes that a created VM brings with it. */
  readonly disks: number;
  /** Storage that a create asks for, its disks included. */
  readonly storageBytes?: number;
  /** Of a start or stop by patch: a merge patch of the VM. */
  readonly patch?: unknown;
  /** Renders the object of a create; pure, and the same at each call. */
  readonly manifest?: () => KubeObject;
  /** Its number in the step, for names that go with it. */
  readonly index?: number | undefined;
  /** Of an apply: the object without the run's labels, for one that is there and not the run's. */
  readonly plain?: () => KubeObject;
  /** Of an apply: fields of such an object are taken from who owns them. */
  readonly force?: boolean;
  /** Of an apply: it is to stay, and so carries no label of the run. */
  readonly keep?: boolean;
  /** Of an act: what is done. */
  readonly action?: Action;
  /** Done to it where the run ends before its last step. */
  readonly undo?: Action | undefined;
}

/** What operations of a step wait for that says so itself. */
export interface StepAsks {
  /** One after the other. */
  readonly goals: readonly Goal[];
  readonly failConditions: readonly FailCondition[];
}
