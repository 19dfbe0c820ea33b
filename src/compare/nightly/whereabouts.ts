/**
 * Where a change shows: the stage that grew most, and whether one wave or one node stands out or
 * all moved alike. This says where the time went, not why; and "alike" is an answer too, it points
 * at something that all of them share.
 */

import { median, medianAbsoluteDeviation } from 'simple-statistics';
import { HEADLINE_METRICS, metricFacts, WAVE_METRICS } from '../../catalogue/metric-sets.ts';
import type { Metric, Staged } from '../../catalogue/metrics.ts';
import { type Filing, type Night, sameFiling } from '../history/night.ts';
import type { SeriesKey } from '../history/series.ts';

/** Seconds. */
export interface Whereabouts {
  readonly stage?: StageShift;
  readonly wave?: PartShift;
  readonly node?: PartShift;
}

export interface StageShift {
  readonly stage: string;
  /** Clones and boots have stages of the same name. */
  readonly of: Staged;
  readonly before: number;
  readonly after: number;
  /** Of what all stages that went the figure's way moved together, in [0, 1]. */
  readonly share: number;
}

export interface PartShift {
  /** The wave's index, or the node's name: the one that moved most. */
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** How many there are. */
  readonly of: number;
  /** `alike`: the others moved about as much. `one`: it stands out. `scattered`: neither. */
  readonly pattern: 'alike' | 'one' | 'scattered';
}

/** Where the typical part moved at least half as much as the one that moved most, all moved. */
const ALIKE = 0.5;

/** A part stands out that lies so many deviations beyond the others: by chance, none does. */
const OUTSTANDING = 5;

/** 1.4826 MAD is the standard deviation of a normal distribution. */
const MAD_TO_DEVIATION = 1.4826;

/** Nights on each side that are looked at. */
const NIGHTS = 20;

/** Compares the nights of two levels, both oldest first; `hasGrown` says which way it went. */
export function whereabouts(
  key: SeriesKey,
  allBefore: readonly Night[],
  allAfter: readonly Night[],
  hasGrown: boolean,
): Whereabouts {
  const before = allBefore.slice(-NIGHTS);
  const after = allAfter.slice(-NIGHTS);
  const stage = stageShift(key, before, after, hasGrown);
  const metric = objectMetric(key, after.at(-1) ?? before.at(-1));
  const parts = (of: (night: Night) => Parts) => partShift(medians(before, of), medians(after, of));
  const wave = parts((night) => waveParts(night, metric, key));
  const node = parts((night) => nodeParts(night, metric, key));
  return {
    ...(stage === undefined ? {} : { stage }),
    ...(wave === undefined ? {} : { wave }),
    ...(node === undefined ? {} : { node }),
  };
}

type Parts = readonly (readonly [name: string, seconds: number | null])[];

/** A wave's makespan and its pace show in its objects, by the farthest that was measured. */
function objectMetric({ metric, ...filing }: SeriesKey, night: Night | undefined): Metric {
  if (!WAVE_METRICS.has(metric)) return metric;
  const found = [...HEADLINE_METRICS].findLast((candidate) =>
    night?.waves.some((waves) => waves.metric === candidate && sameFiling(waves, filing)),
  );
  return found ?? metric;
}

/** A stage that went the other way than the figure explains nothing of it. */
function stageShift(
  key: SeriesKey,
  before: readonly Night[],
  after: readonly Night[],
  hasGrown: boolean,
): StageShift | undefined {
  const was = medians(before, (night) => Object.entries(findStages(night, key)?.seconds ?? {}));
  const is = medians(after, (night) => Object.entries(findStages(night, key)?.seconds ?? {}));
  const shifts = [...is].flatMap(([stage, seconds]) => {
    const old = was.get(stage);
    return old === undefined ? [] : [{ stage, before: old, after: seconds }];
  });
  const along = (shift: (typeof shifts)[number]) =>
    (shift.after - shift.before) * (hasGrown ? 1 : -1);
  const total = shifts.reduce((sum, shift) => sum + along(shift), 0);
  const moved = shifts.reduce((sum, shift) => sum + Math.max(0, along(shift)), 0);
  const [most] = shifts.sort((a, b) => along(b) - along(a));
  const of = after.flatMap((night) => findStages(night, key)?.of ?? []).at(-1);
  if (most === undefined || of === undefined || total <= 0) return undefined;
  return { ...most, of, share: along(most) / moved };
}

function partShift(
  was: ReadonlyMap<string, number>,
  is: ReadonlyMap<string, number>,
): PartShift | undefined {
  const shifts = [...is].flatMap(([name, after]) => {
    const before = was.get(name);
    return before === undefined || before <= 0 ? [] : [{ name, before, after }];
  });
  if (shifts.length < 2) return undefined;
  const moved = shifts.map(({ before, after }) => after - before);
  const typical = median(moved);
  const most = moved.indexOf(typical < 0 ? Math.min(...moved) : Math.max(...moved));
  const shift = shifts[most] as (typeof shifts)[number];
  return { ...shift, of: shifts.length, pattern: nameShiftPattern(moved, moved[most] as number) };
}

function nameShiftPattern(moved: readonly number[], most: number): PartShift['pattern'] {
  const typical = median([...moved]);
  if (Math.abs(typical) >= ALIKE * Math.abs(most)) return 'alike';
  const deviation = MAD_TO_DEVIATION * medianAbsoluteDeviation([...moved]);
  return Math.abs(most - typical) > OUTSTANDING * deviation ? 'one' : 'scattered';
}

/** The median over the nights of each part that has a value in any of them. */
function medians(nights: readonly Night[], of: (night: Night) => Parts): Map<string, number> {
  const values = new Map<string, number[]>();
  for (const night of nights) {
    for (const [name, seconds] of of(night)) {
      if (seconds === null) continue;
      const known = values.get(name);
      if (known === undefined) values.set(name, [seconds]);
      else known.push(seconds);
    }
  }
  return new Map([...values].map(([name, all]) => [name, median(all)]));
}

function findStages({ stages }: Night, { metric, ...filing }: SeriesKey) {
  const of = WAVE_METRICS.has(metric) ? undefined : metricFacts(metric).stages;
  return stages.find((stage) => sameFiling(stage, filing) && (of === undefined || stage.of === of));
}

function waveParts({ waves }: Night, metric: Metric, filing: Filing): Parts {
  const found = waves.find((one) => one.metric === metric && sameFiling(one, filing));
  return (found?.p50 ?? []).map((seconds, wave) => [String(wave), seconds] as const);
}

function nodeParts({ nodes }: Night, metric: Metric, filing: Filing): Parts {
  const found = nodes.find((one) => one.metric === metric && sameFiling(one, filing));
  return Object.entries(found?.p50 ?? {});
}
