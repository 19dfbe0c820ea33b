/**
 * A night: what a history keeps of one run. Enough to judge later nights against it and to say
 * where and why a level changed, and no more; the run's folder may be gone by then. Nights are
 * ordered by when their runs started, never by when they were added, so that copies of a history
 * can be merged.
 */

import { createHash } from 'node:crypto';
import type { Metric, Staged } from '../../catalogue/metrics.ts';
import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import type { Counts } from '../../analyse/statistics/observation.ts';
import { stableJson } from '../../core/json.ts';
import type { Target } from '../../record/entry.ts';

export const NIGHT_SCHEMA = 'bench/night/v1';

export interface Night {
  readonly schema: typeof NIGHT_SCHEMA;
  readonly run: string;
  readonly scenario: string;
  /** Of the load, or of the name of the series: see scenario/series.ts. */
  readonly scenarioHash: string;
  /** What nights of before there were series have in its place; absent in those. */
  readonly formerHash?: string | undefined;
  /** What figures are filed under, by position in the file; absent where the series is named. */
  readonly names?: LoadNames | undefined;
  readonly target: Target;
  readonly seed: number;
  /** RFC 3339, UTC. */
  readonly started: string;
  /** RFC 3339, UTC; absent where it was not recorded. */
  readonly finished?: string | undefined;
  /** When it came into the history, RFC 3339; decides between nights that started together. */
  readonly added: string;
  readonly environment: NightEnvironment;
  readonly metrics: readonly NightMetric[];
  readonly stages: readonly NightStages[];
  readonly waves: readonly NightWaves[];
  readonly nodes: readonly NightNodes[];
  /** What the cluster felt; absent where nobody was asked. */
  readonly felt?: readonly NightFelt[] | undefined;
}

export interface LoadNames {
  readonly steps: readonly string[];
  readonly images: readonly string[];
  readonly templates: readonly string[];
}

export interface NightEnvironment {
  readonly name: string;
  /** Of the identity: nights are compared where it is the same. */
  readonly fingerprint: string;
  readonly identity: Readonly<Record<string, string>>;
  /** What may differ from night to night, and may explain a change. */
  readonly facts: Readonly<Record<string, string>>;
}

/** What a figure is filed under; flat, for tables. */
export interface Filing {
  readonly step: string;
  readonly image?: string | undefined;
  readonly source?: string | undefined;
  readonly template?: string | undefined;
  /** Of clones that took another path than was asked for. */
  readonly path?: string | undefined;
}

/** Seconds, as in summary.json. */
export interface NightMetric extends Filing, Counts {
  readonly metric: Metric;
  readonly waves: number;
  readonly mean?: PointEstimate | undefined;
  readonly p50: Estimate;
  readonly p90: Estimate;
  readonly p95: Estimate;
  readonly p99: Estimate;
  readonly min?: PointEstimate | undefined;
  readonly max?: PointEstimate | undefined;
}

/** Mean seconds in each stage. */
interface NightStages extends Filing {
  readonly of: Staged;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Of a step, over all values of all series, in the unit. */
export interface NightFelt {
  readonly step: string;
  readonly name: string;
  readonly unit: string;
  readonly mean?: number | undefined;
  readonly max?: number | undefined;
}

/** Median of each wave by its index, seconds; null where it was not reached. */
export interface NightWaves extends Filing {
  readonly metric: Metric;
  readonly p50: readonly (number | null)[];
}

/** Median by node, seconds; null where it was not reached. */
export interface NightNodes extends Filing {
  readonly metric: Metric;
  readonly p50: Readonly<Record<string, number | null>>;
}

/** The part of an identity that names and folders carry. */
export function fingerprint(identity: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(stableJson(identity)).digest('hex').slice(0, 12);
}

/** Nights whose figures may be compared: the same scenario on the same environment. */
export function isSameSeries(a: Night, b: Night): boolean {
  return (
    a.scenarioHash === b.scenarioHash && a.environment.fingerprint === b.environment.fingerprint
  );
}

/** All of them, or those before the night of `run` where that is one of them. */
export function nightsBefore<Kept extends { readonly night: Night }>(
  nights: readonly Kept[],
  run: string | undefined,
): readonly Kept[] {
  const standing = nights.find(({ night }) => night.run === run)?.night;
  if (standing === undefined) return nights;
  return nights.filter(({ night }) => compareNights(night, standing) < 0);
}

/** The order of nights. */
export function compareNights(a: Night, b: Night): number {
  return compareStarts(a, b) || compareText(a.added, b.added) || compareText(a.run, b.run);
}

/** Negative where `a` started before `b`. */
export function compareStarts(a: Night, b: Night): number {
  return compareText(a.started, b.started);
}

export function sameFiling(a: Filing, b: Filing): boolean {
  return (
    a.step === b.step &&
    a.image === b.image &&
    a.source === b.source &&
    a.template === b.template &&
    a.path === b.path
  );
}

/** RFC 3339 texts in UTC sort as times, but for `05Z` and `05.1Z`. */
function compareText(a: string, b: string): number {
  const [left, right] = [a.replace(/Z$/, ''), b.replace(/Z$/, '')];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
