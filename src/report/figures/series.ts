/**
 * What figures are made from: one metric of one arm of a run (clones from snapshots, boots of one
 * image), wave by wave. Seconds throughout. Misses stay in, as `failed` or `censored`; whoever
 * draws a curve has to end it below 1.
 */

import type { Estimate, PointEstimate } from '../../analyse/statistics/estimate.ts';
import { count, type Counts, type Observation } from '../../analyse/statistics/observation.ts';
import type { Identity } from '../chart/theme.ts';
import { missesText } from '../wording/labels.ts';
import { countText } from '../wording/numbers.ts';

export interface Series extends Counts {
  /** Short and stable: part of file names. */
  readonly key: string;
  readonly label: string;
  readonly identity: Identity;
  /** What is counted: `clones`, `VMs`. */
  readonly noun: string;
  /** What the seconds are of: `clone`, `VMI Running`, `guest ready`. */
  readonly measure: string;
  /** Label and measure, for sentences: `PVC clone`, `RHEL 9 guest ready`. */
  readonly name: string;
  /** In order of release. */
  readonly waves: readonly SeriesWave[];
  /** Waves of the plan that the run did not come to. */
  readonly neverReleased: number;
  readonly mean?: PointEstimate;
  readonly p50: Estimate;
  readonly p90: Estimate;
  readonly p95: Estimate;
  readonly p99: Estimate;
  readonly max?: PointEstimate;
  readonly warnings: readonly string[];
}

export interface SeriesWave {
  /** Counted from 1. */
  readonly number: number;
  readonly isWarmup: boolean;
  /** Objects asked for in this series up to and including this wave. */
  readonly cumulative: number;
  /** Since the run's start. */
  readonly releaseS: number;
  /** Operations of the wave that were not begun any more. */
  readonly neverBegun: number;
  /** In order of intended start. */
  readonly points: readonly SpanPoint[];
}

export interface SpanPoint {
  readonly name: string;
  /** Since the run's start. */
  readonly intendedS: number;
  /** When the span began, since the run's start. */
  readonly startS: number;
  readonly outcome: Observation;
  readonly node?: string;
}

/** Points of the waves that count in headlines. */
export function headlinePoints(series: Series): readonly SpanPoint[] {
  return series.waves.filter(({ isWarmup }) => !isWarmup).flatMap(({ points }) => points);
}

/** Seconds of the reached, in order of their waves. */
export function reachedSeconds(points: readonly SpanPoint[]): readonly number[] {
  return points.flatMap(({ outcome }) => (outcome.state === 'reached' ? [outcome.hi] : []));
}

/** Seconds on the extended line: infinite where it was not reached. */
export function toSeconds({ outcome }: SpanPoint): number {
  return outcome.state === 'reached' ? outcome.hi : Number.POSITIVE_INFINITY;
}

/** When it was reached, since the run's start; undefined where it was not. */
export function reachedAtS({ startS, outcome }: SpanPoint): number | undefined {
  return outcome.state === 'reached' ? startS + outcome.hi : undefined;
}

/** At most `most` waves: neighbours become one where there are more. */
export function mergedWaves(waves: readonly SeriesWave[], most: number): readonly SeriesWave[] {
  const perGroup = Math.ceil(waves.length / most);
  if (perGroup <= 1) return waves;
  return Array.from({ length: Math.ceil(waves.length / perGroup) }, (_, g) => {
    const group = waves.slice(g * perGroup, (g + 1) * perGroup);
    const [first, last] = [group[0] as SeriesWave, group.at(-1) as SeriesWave];
    return {
      ...first,
      isWarmup: group.every(({ isWarmup }) => isWarmup),
      cumulative: last.cumulative,
      points: group.flatMap(({ points }) => points),
    };
  });
}

/** How many of the points were missed, in words; undefined where none was. */
export function missedText(points: readonly SpanPoint[]): string | undefined {
  const counts = count(points.map(({ outcome }) => outcome));
  const text = missesText(counts);
  return text === undefined ? undefined : `${text} of ${countText(points.length)}`;
}
