/**
 * A run as analysis sees it: the history folded into steps, waves, operations and objects, with the
 * times of each change. Only facts; what counts as reached or missed is decided in analyse/.
 * Times are microseconds since the run's start, as in the history.
 */

import type { Milestone } from '../catalogue/milestones.ts';
import type { StepKind } from '../catalogue/step-kinds.ts';
import type { Verb } from '../catalogue/verbs.ts';
import type {
  AnchorEntry,
  ClockEntry,
  DataSourceEntry,
  EndEntry,
  GapEntry,
  HeaderEntry,
  NoteEntry,
  OffsetEntry,
  UsageEntry,
  Variant,
} from './entry.ts';
import type { MetricEntry } from './metric-entry.ts';
import type { MissClass } from './miss-class.ts';
import type { ObjectTable, Sighting } from './object-table.ts';

export interface Run {
  readonly header: HeaderEntry;
  /** One a session: the run itself, and each resumption. */
  readonly anchors: readonly AnchorEntry[];
  /** In order of their start. */
  readonly steps: readonly RunStep[];
  readonly waves: readonly RunWave[];
  /** In order of sending. */
  readonly operations: readonly Operation[];
  readonly objects: ObjectTable;
  readonly clocks: readonly ClockEntry[];
  readonly offsets: readonly OffsetEntry[];
  readonly gaps: readonly GapEntry[];
  readonly usage: readonly UsageEntry[];
  readonly dataSources: readonly DataSourceEntry[];
  /** What the cluster felt, step by step; empty where nobody was asked. */
  readonly metrics: readonly MetricEntry[];
  /** Of a load of others: objects by kind that were there before anybody looked. */
  readonly thereBefore?: Readonly<Record<string, number>> | undefined;
  readonly notes: readonly NoteEntry[];
  /** Absent where the run was cut off. */
  readonly end: EndEntry | undefined;
  /** The last time that anything was recorded. */
  readonly lastUs: number;
  /** What the reader had to tolerate, for people. */
  readonly problems: readonly string[];
}

export interface RunStep {
  /** Index in the plan. */
  readonly index: number;
  readonly kind: StepKind;
  readonly name: string;
  readonly variants: readonly Variant[];
  readonly until: Milestone;
  readonly plannedWaves: number;
  readonly plannedOperations: number;
  readonly timeoutUs: number;
  readonly errorBudget: number;
  readonly loop: 'closed' | 'open';
  readonly interleaved: boolean;
  readonly inFlightMax: number | undefined;
  /** Names of what is waited for one after the other, where the step says it itself. */
  readonly stages: readonly string[];
  /** What guests are asked; undefined where none is. */
  readonly probe: string | undefined;
  /** Name of the churn that it is a part of. */
  readonly churn: string | undefined;
  /** Of kind `observe` alone. */
  readonly waveGapUs: number | undefined;
  readonly startUs: number;
}

export interface RunWave {
  /** Index of the step in the plan. */
  readonly step: number;
  readonly index: number;
  readonly releaseUs: number;
  readonly size: number;
  readonly warmup: boolean;
  readonly end: WaveEnd | undefined;
}

/** When the wave's gate opened, and what it had counted by then. */
export interface WaveEnd {
  readonly atUs: number;
  readonly reached: number;
  readonly failed: number;
  readonly censored: number;
}

export interface Operation {
  readonly id: number;
  /** Index of the step in the plan. */
  readonly step: number;
  readonly wave: number;
  readonly verb: Verb;
  readonly kind: string;
  readonly name: string;
  /** Index into the step's variants. */
  readonly variant: number;
  /** DataVolumes that the object brings with it. */
  readonly disks: number;
  readonly intendedUs: number;
  readonly sentUs: number;
  readonly ack: Ack | undefined;
  /** When what it waits for had come to each stage of its step, as far as it came. */
  readonly stages: readonly Sighting[];
  readonly miss: Miss | undefined;
  /** Where it was somebody else's: it was then neither planned nor sent by us. */
  readonly found?: FoundOperation | undefined;
}

/** All that is known of what others do is what came of it, from its first sight on. */
export interface FoundOperation {
  readonly object: number;
  /** What the object is for. */
  readonly until: Milestone;
}

export interface Ack {
  readonly atUs: number;
  readonly status: number;
  readonly uid: string | undefined;
  readonly tries: number;
  /** Unix second in which the server answered, by its own clock; of creations, where it said so. */
  readonly answeredSeconds: number | undefined;
}

export interface Miss {
  readonly atUs: number;
  readonly how: 'failed' | 'censored';
  readonly reason: string;
  readonly class: MissClass;
  readonly message: string | undefined;
}
