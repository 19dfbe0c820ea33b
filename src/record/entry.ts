/**
 * The lines of a history: all that a run leaves behind for analysis. Keys are short because a run
 * of 100,000 VMs writes ten million of them; an object is introduced once and is a small integer
 * from then on. Times are whole microseconds since the run's start on the one monotonic clock of
 * the harness; server stamps are whole Unix seconds and are never subtracted from them.
 */

import type { Milestone } from '../catalogue/milestones.ts';
import type { StepKind } from '../catalogue/step-kinds.ts';
import type { Verb } from '../catalogue/verbs.ts';
import type { KindEntry, PickedEntry } from './any-object-entry.ts';
import type { MetricEntry } from './metric-entry.ts';
import type { MissClass } from './miss-class.ts';

export const HISTORY_SCHEMA = 'bench/history/v1';

export type Target = 'simulated' | 'cluster';

export type Outcome = 'complete' | 'partial' | 'failed';

/** What the values of an operation are filed under; absent where it does not apply. */
export interface Variant {
  readonly image?: string | undefined;
  readonly source?: string | undefined;
  readonly template?: string | undefined;
}

export interface HeaderEntry {
  readonly e: 'header';
  readonly schema: typeof HISTORY_SCHEMA;
  readonly run: string;
  readonly scenario: string;
  readonly target: Target;
  readonly seed: number;
  /** Under which field manager it creates, on a cluster of others: no two runs share one. */
  readonly maker?: string;
}

/** Opens each session (a resumed run has several): joins the run's clock to Unix time. */
export interface AnchorEntry {
  readonly e: 'anchor';
  readonly session: number;
  readonly t: number;
  /** Microseconds since the Unix epoch at `t`, by the harness's wall clock. */
  readonly wall: number;
}

export interface StepEntry {
  readonly e: 'step';
  readonly t: number;
  /** Index of the step in the plan. */
  readonly s: number;
  readonly kind: StepKind;
  readonly name: string;
  readonly variants: readonly Variant[];
  /** The milestone that the step's gate waits for. */
  readonly until: Milestone;
  /** What guests are asked: `tcp 22`. */
  readonly probe?: string;
  /** Name of the churn that it is a part of. */
  readonly churn?: string;
  readonly waves: number;
  readonly operations: number;
  readonly timeoutUs: number;
  /** Share of operations that may miss before the run counts as incomplete. */
  readonly errorBudget: number;
  readonly loop: 'closed' | 'open';
  /** Waves of the arms in A B B A order, hence comparable in pairs. */
  readonly interleaved?: boolean;
  /** Operations under way at the most: what waits for that is sent late on purpose. */
  readonly inFlightMax?: number;
  /** Names of what its operations wait for, one after the other, where the step says it itself. */
  readonly stages?: readonly string[];
  /** Of kind `observe`: creations of somebody else further apart than this are of two waves. */
  readonly waveGapUs?: number;
}

export interface WaveEntry {
  readonly e: 'wave';
  /** The wave's release: intended starts are at or after it. */
  readonly t: number;
  readonly s: number;
  readonly w: number;
  readonly n: number;
  /** Recorded, and left out of the headline figures. */
  readonly warmup?: boolean;
}

export interface WaveEndEntry {
  readonly e: 'waveEnd';
  readonly t: number;
  readonly s: number;
  readonly w: number;
  readonly reached: number;
  readonly failed: number;
  readonly censored: number;
}

/** An operation's request is about to be sent. */
export interface SendEntry {
  readonly e: 'send';
  readonly t: number;
  /** The operation: an index unique in the run. */
  readonly p: number;
  readonly s: number;
  readonly w: number;
  readonly v: Verb;
  readonly k: string;
  readonly n: string;
  /** Intended start; absent where the operation was sent at it. */
  readonly i?: number;
  /** Index into the step's variants; absent where it is the first. */
  readonly x?: number;
  /** DataVolumes that the object will bring with it. */
  readonly disks?: number;
}

export interface AckEntry {
  readonly e: 'ack';
  readonly t: number;
  readonly p: number;
  /** HTTP status. */
  readonly c: number;
  /** UID of the created object. */
  readonly u?: string;
  /** Requests that it took, where more than one. */
  readonly tries?: number;
  /** So many of the first stages the answer itself shows, of an object that was there before. */
  readonly g?: number;
  /** Unix second in which the server answered a creation, by its own clock. */
  readonly d?: number;
}

/** What an operation waits for has come to a stage of its step. */
export interface StageEntry {
  readonly e: 'stage';
  readonly t: number;
  readonly p: number;
  /** Index into the step's stages. */
  readonly g: number;
  /** Latest time at which it had surely not; absent where `t` is exact. */
  readonly l?: number;
}

/** The run made something that no operation of the plan stands for: its namespace. */
export interface MadeEntry {
  readonly e: 'made';
  readonly t: number;
  readonly k: string;
  readonly n: string;
  readonly u: string;
}

/** The operation missed its goal: failed (never will) or censored (not by then). */
export interface MissEntry {
  readonly e: 'miss';
  readonly t: number;
  readonly p: number;
  readonly how: 'failed' | 'censored';
  /** `Timeout`, `Interrupted`, `Aborted`, `NotSent`, or the reason that the cluster gave. */
  readonly reason: string;
  /** What stood in the way; absent in histories of before there were classes. */
  readonly class?: MissClass;
  readonly message?: string;
}

/** What the cluster had told of an operation that was missed, asked for afterwards. */
export interface WhyEntry {
  readonly e: 'why';
  readonly t: number;
  readonly p: number;
  /** Absent where it has none: then its words alone are new. */
  readonly class?: MissClass;
  readonly message: string;
}

/** First sight of an object. */
export interface ObjectEntry {
  readonly e: 'obj';
  readonly t: number;
  readonly o: number;
  readonly k: string;
  readonly n: string;
  /** Namespace; absent where it is the run's own, empty where it lives in none. */
  readonly ns?: string;
  readonly u: string;
  /** Owner, where it is known by then. */
  readonly own?: number;
  /** UID of an owner that was not known by then. */
  readonly ownUid?: string;
  /** metadata.creationTimestamp, Unix seconds. */
  readonly at?: number;
  /** Latest time at which it was surely not there, where first sight was late (a list, a gap). */
  readonly l?: number;
  /** Where a DataVolume's content comes from: the key of its spec.source (`pvc`, `blank` ...). */
  readonly src?: string;
  /** Observed only: what its content comes from, `namespace/name`; of a VMI its root volume. */
  readonly of?: string;
  /** The same: its value of the label that was said to name images. */
  readonly img?: string;
  /** Only this watch of a step shows it: nothing that every run does would have shown it. */
  readonly w?: number;
}

/**
 * `[name, value]` with the server's own stamp (Unix seconds) and the clock that wrote it (index of
 * a clock entry) where the object carries one. Names: `phase`, a condition's type, or
 * an annotation that matters (`cloneType`, `cloneFallbackReason`, `clonePhase`, `node`); `trouble`
 * with a MissClass, or `none` once it is over, and `troubleMessage` in the cluster's own words;
 * `until S.G` and `until S.fails.F`, words of step S: see step entries.
 */
export type Change =
  | readonly [name: string, value: string]
  | readonly [name: string, value: string, stamp: number, clock: number];

/** What one watch event changed on one object. */
export interface TransitionEntry {
  readonly e: 'tr';
  readonly t: number;
  readonly o: number;
  readonly c: readonly Change[];
  /** Latest time at which the changes had surely not happened; absent where they are exact. */
  readonly l?: number;
  /** Several updates may have arrived as one: intermediate values can be missing. */
  readonly coalesced?: boolean;
  /** No watch has shown it, but a probe. */
  readonly probed?: boolean;
}

export interface DeletedEntry {
  readonly e: 'del';
  readonly t: number;
  readonly o: number;
  readonly l?: number;
}

/** A clock that writes stamps: `apiserver`, `cdi`, `virt-controller`, `node/worker-17`, ... */
export interface ClockEntry {
  readonly e: 'clock';
  readonly c: number;
  readonly name: string;
}

/**
 * One bound on a clock minus the harness's wall clock, as the anchor ties it to the run's time:
 * lo <= offset <= hi, microseconds. A request that is answered with a stamp gives both ends; a
 * lease that is seen some time after its renewal gives only the lower one, best of `n` renewals.
 * How `late` renewals are seen on average is given where that is more than usual.
 */
export interface OffsetEntry {
  readonly e: 'offset';
  readonly t: number;
  /** Name of the clock, as in clock entries. */
  readonly clock: string;
  readonly lo: number;
  readonly hi?: number;
  readonly n?: number;
  readonly late?: number;
}

export interface GapEntry {
  readonly e: 'gap';
  /** Plural of the watched kind. */
  readonly k: string;
  readonly from: number;
  readonly t: number;
  readonly cause: string;
  readonly relist: boolean;
}

/** Storage used, at a wave's end or a step's border. */
export interface UsageEntry {
  readonly e: 'usage';
  readonly t: number;
  readonly s: number;
  readonly w?: number;
  readonly usedBytes: number;
  readonly totalBytes?: number;
  /** When whoever tells it had looked, by its own clock: Unix seconds. */
  readonly asOf?: number;
}

/** What a DataSource, which clones of somebody else name, stood for when we asked. */
export interface DataSourceEntry {
  readonly e: 'dataSource';
  readonly t: number;
  /** Its namespace, a slash, and its name. */
  readonly n: string;
  /** Key of its spec.source. */
  readonly src: string;
}

/** The harness's own trouble: a retry, a refusal, an interruption. */
export interface NoteEntry {
  readonly e: 'note';
  readonly t: number;
  readonly what: string;
  readonly p?: number;
  readonly message?: string;
}

export type NeverBegun = Pick<StepEntry, 'kind' | 'until' | 'operations'>;

export interface EndEntry {
  readonly e: 'end';
  readonly t: number;
  readonly outcome: Outcome;
  readonly reason?: string;
  /** Steps of the plan that the run ended before, in its order; absent where there are none. */
  readonly neverBegun?: readonly NeverBegun[];
  /** What only a simulated cluster can tell: how often its inner workings did what. */
  readonly counters?: Readonly<Record<string, number>>;
}

export type Entry =
  | HeaderEntry
  | AnchorEntry
  | StepEntry
  | WaveEntry
  | WaveEndEntry
  | SendEntry
  | AckEntry
  | MadeEntry
  | MissEntry
  | WhyEntry
  | StageEntry
  | KindEntry
  | PickedEntry
  | ObjectEntry
  | TransitionEntry
  | DeletedEntry
  | ClockEntry
  | OffsetEntry
  | GapEntry
  | UsageEntry
  | DataSourceEntry
  | MetricEntry
  | NoteEntry
  | EndEntry;
