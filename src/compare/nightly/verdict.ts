/**
 * The nightly verdict as data (schema bench/verdict/v1): what `verdict.json` holds and every other
 * form of it is drawn from. Seconds, but for success shares. The word at the top is the gravest
 * finding; a night can have missed a limit and have got slower as well.
 */

import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import type { Direction } from '../../catalogue/metrics.ts';
import type { Outcome, Target } from '../../record/entry.ts';
import type { Filing } from '../history/night.ts';
import type { Statistic } from '../history/series.ts';
import type { Blame, Difference } from './blame.ts';
import type { QualityFinding } from './data-quality.ts';
import type { FeltNews } from './felt-context.ts';
import type { LevelVerdict } from './service-levels.ts';
import type { Whereabouts } from './whereabouts.ts';

export const VERDICT_SCHEMA = 'bench/verdict/v1';

/** Gravest first. */
export type VerdictWord =
  /** The data are no basis for a verdict. */
  | 'invalid'
  /** The run was not done, or missed more than its error budget. */
  | 'incomplete'
  | 'sloMissed'
  /** A change for the worse, confirmed by nights or by runs of tonight, and not acknowledged. */
  | 'regression'
  /** Tonight alone is out of the ordinary. */
  | 'suspect'
  /** Too few nights to tell. */
  | 'learning'
  | 'pass';

/** Worst first; `learning` and later are no trouble. */
export const SERIES_STATES = [
  'regressed',
  /** Suspect, and most runs of the same night say so. */
  'confirmed',
  'suspect',
  /** A change for the worse is open, and tonight is back on the level before it. */
  'recovering',
  'acknowledged',
  /** Suspect in one run, and not in most of the same night. */
  'notRepeated',
  'improved',
  /** Better than expected, tonight alone. */
  'unusual',
  'learning',
  'stable',
] as const;

export type SeriesState = (typeof SERIES_STATES)[number];

export interface NightlyVerdict {
  readonly schema: typeof VERDICT_SCHEMA;
  readonly verdict: VerdictWord;
  /** Of `bench gate`. */
  readonly exitCode: number;
  /** The whole verdict in a sentence. */
  readonly headline: string;
  readonly run: VerdictRun;
  /** Absent where the run does not say. */
  readonly environment?: {
    readonly name: string;
    readonly fingerprint: string;
    readonly identity: Readonly<Record<string, string>>;
  };
  readonly history: {
    /** Nights of this series before tonight. */
    readonly nights: number;
    /** When the first of them started. */
    readonly since?: string;
    /** Whether tonight was added. */
    readonly added: boolean;
    /** Why the series begins anew with tonight, where it does. */
    readonly newSeries?: NewSeries;
    /** Files that could not be used. */
    readonly problems: readonly { readonly file: string; readonly message: string }[];
  };
  readonly quality: readonly QualityFinding[];
  readonly serviceLevels: readonly LevelVerdict[];
  /** The gravest first. */
  readonly series: readonly SeriesVerdict[];
  /** What the cluster felt otherwise than on the nights before: context, judged by nobody. */
  readonly felt?: readonly FeltNews[];
  /** For people; what does not belong to one figure. */
  readonly notes: readonly string[];
}

interface VerdictRun {
  readonly id: string;
  readonly scenario: string;
  readonly target: Target;
  readonly seed: number;
  readonly outcome: Outcome;
  /** Absent where the run does not say. */
  readonly scenarioHash?: string;
  readonly started?: string;
}

export interface NewSeries {
  readonly because: 'first' | 'environment' | 'scenario';
  /** How its identity, or the facts of the scenario, differ from those of the last night. */
  readonly differences: readonly Difference[];
  /** Nights of the series that ends with it; absent where there was none. */
  readonly after?: number;
}

export interface SeriesVerdict extends Filing {
  readonly state: SeriesState;
  /** False of what is told beside the figures that the verdict rests on. */
  readonly gated: boolean;
  readonly metric: string;
  readonly statistic: Statistic;
  readonly direction: Direction;
  readonly tonight: Estimate;
  /** Nights before tonight that have a value. */
  readonly nights: number;
  /** Bounds of one night on the level before. */
  readonly expected?: { readonly value: number; readonly lo: number; readonly hi: number };
  /** Of the runs of tonight, this one included, those beyond the bounds; where it was suspect. */
  readonly repeats?: { readonly beyond: number; readonly of: number };
  /** The oldest open change that nobody has accepted, or else the one that is news. */
  readonly change?: ChangeVerdict;
  /** All changes for the worse since the accepted level, where there are several. */
  readonly open?: readonly ChangeVerdict[];
  readonly where?: Whereabouts;
  readonly blame?: Blame;
  /** The newest values, oldest first, tonight last; null where it was not reached. */
  readonly recent: readonly (number | null)[];
  readonly warnings: readonly string[];
}

export interface ChangeVerdict {
  readonly kind: 'step' | 'unreached';
  readonly direction: 'worse' | 'better';
  /** Of the night that confirmed it, corrected for the search for the first night of the level. */
  readonly p: number;
  /** The same after Holm over all figures of that night. */
  readonly q: number;
  /** Nights since, the first one included. */
  readonly nights: number;
  /** Nights since it was confirmed, that one included. */
  readonly confirmedNights: number;
  readonly before: PointEstimate;
  /** The level of the newest nights; `tonight` is apart. */
  readonly after?: PointEstimate;
  /** after / before. */
  readonly ratio?: number;
  readonly acknowledged?: {
    readonly reason: string;
    readonly until: string;
    readonly hasExpired: boolean;
  };
}
