/**
 * Two runs, metric by metric: how much faster or slower, how sure, and one word for each. All
 * statistics of all rows are one family; each further one that is looked at makes a chance finding
 * more likely, so the q-value and not the p-value decides. And `unchanged` is said of a row only
 * where median, mean and the tails that it carries all are.
 */

import { type Analysis, analyse } from '../analyse/analysis.ts';
import { metricDirection, WAVE_METRICS } from '../catalogue/metric-sets.ts';
import type { Direction, Metric } from '../catalogue/metrics.ts';
import type { Dimensions } from '../analyse/span.ts';
import { type ArmComparison, compareArms } from '../analyse/statistics/compare-arms.ts';
import type { Estimate, PointEstimate } from '../analyse/statistics/estimate.ts';
import { count, exactly, type Wave } from '../analyse/statistics/observation.ts';
import type { Verdict } from '../analyse/statistics/verdict.ts';
import { gatherFacts } from '../analyse/summary.ts';
import { judgeValidity } from '../analyse/validity.ts';
import {
  changedFacts,
  type ComparedRun,
  type Difference,
  fingerprintDifferences,
} from './fingerprint.ts';
import type { Night } from './history/night.ts';
import { judgeFamily, rowVerdict, type StatisticVerdict } from './judge-statistics.ts';
import { nightsLike, runSpread, withRunSpread } from './run-spread.ts';
import { matchSamples, type Matched, type Unmatched } from './match-samples.ts';
import type { TwinFact } from '../record/manifest.ts';

const COMPARISON_SCHEMA = 'bench/comparison/v1';

export interface RunComparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  readonly base: ComparedSide;
  readonly head: ComparedSide;
  /** Why the runs measure different things; empty where they are comparable. */
  readonly differences: readonly Difference[];
  readonly changedFacts: readonly Difference[];
  readonly rows: readonly ComparisonRow[];
  /** In one of the runs alone. */
  readonly unmatched: readonly Unmatched[];
  /** Nights of a history that told how much runs differ; absent where intervals lack that. */
  readonly runSpreadNights?: number;
}

interface ComparedSide {
  readonly id: string;
  readonly scenario: string;
  readonly target: string;
  /** What a simulated one stands for. */
  readonly twin?: TwinFact;
  readonly seed: number;
  readonly outcome: string;
  /** Why the run's figures are not to be trusted; empty where they are. */
  readonly invalid: readonly string[];
}

export interface ComparisonRow extends Omit<ArmComparison, 'statistics'> {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Of waves of this many operations alone, where the runs have several sizes. */
  readonly waveSize?: number;
  /** Latencies in seconds, or the share of operations that reached their end. */
  readonly measure: 'latency' | 'success';
  readonly direction: Direction;
  readonly medians: { readonly baseline: Estimate; readonly head: Estimate };
  /** Of the reached; absent where there is none. */
  readonly means: { readonly baseline?: number; readonly head?: number };
  /** head / base - 1 of the median, or of the share; absent where one side has none. */
  readonly change?: number;
  /** p of the same after Benjamini-Hochberg over all that is judged; absent where it is not. */
  readonly q?: number;
  /** All that the row is judged by. */
  readonly statistics: readonly StatisticVerdict[];
  readonly verdict: Verdict;
}

/** `nights` of a history say how much runs differ; `seed` is that of the resampling. */
export function compareRuns(
  base: ComparedRun,
  head: ComparedRun,
  nights: readonly Night[] = [],
  seed = 1,
): RunComparison {
  const alike = nightsLike(base, nights);
  const analyses = { base: analyse(base.run), head: analyse(head.run) };
  const { matched, unmatched } = matchSamples(
    { samples: analyses.base.samples, run: base.run },
    { samples: analyses.head.samples, run: head.run },
  );
  const drafts = matched
    .flatMap((match) => draftRows(match, seed))
    .map((row) => spread(row, alike));
  const judged = judgeFamily(drafts);
  return {
    schema: COMPARISON_SCHEMA,
    base: makeSide(base, analyses.base),
    head: makeSide(head, analyses.head),
    differences: fingerprintDifferences(base, head),
    changedFacts: changedFacts(base, head),
    rows: drafts.map((draft, i) => judgedRow(draft, judged[i] ?? [])),
    unmatched,
    ...(alike.length === 0 ? {} : { runSpreadNights: alike.length }),
  };
}

/** A latency's statistics with what differs from run to run, as far as the nights know it. */
function spread(row: DraftRow, nights: readonly Night[]): DraftRow {
  if (row.measure !== 'latency') return row;
  const statistics = row.statistics.map((one) => {
    const known = runSpread(nights, row.metric, row.dimensions, one.statistic);
    return known === undefined ? one : withRunSpread(one, known);
  });
  const of = (name: string) => statistics.find(({ statistic }) => statistic === name)?.ratio;
  const [medians, means] = [of('p50'), of('mean')];
  return {
    ...row,
    statistics,
    ...(medians === undefined ? {} : { ratioOfMedians: medians }),
    ...(means === undefined ? {} : { ratioOfMeans: means }),
  };
}

/** The ratio of the median, or of the share: the one that stands for the row. */
export function judgedRatio({
  measure,
  ratioOfMedians,
  ratioOfMeans,
}: Pick<ComparisonRow, 'measure' | 'ratioOfMedians' | 'ratioOfMeans'>): PointEstimate | undefined {
  return measure === 'latency' ? ratioOfMedians : ratioOfMeans;
}

type DraftRow = Omit<ComparisonRow, 'q' | 'verdict' | 'statistics' | 'change'> &
  Pick<ArmComparison, 'statistics'>;

function draftRows({ baseline, head, waveSize, ...filing }: Matched, seed: number): DraftRow[] {
  const named = { ...filing, ...(waveSize === undefined ? {} : { waveSize }) };
  const latency = draftRow(named, 'latency', baseline, head, seed);
  const isWhole = [...baseline, ...head].flat().every(({ state }) => state === 'reached');
  // Of a wave metric, that of the objects in the wave tells the same, and more.
  if (isWhole || WAVE_METRICS.has(named.metric)) return [latency];
  return [latency, draftRow(named, 'success', shares(baseline), shares(head), seed)];
}

function draftRow(
  named: Pick<DraftRow, 'metric' | 'dimensions' | 'waveSize'>,
  measure: DraftRow['measure'],
  baseline: readonly Wave[],
  head: readonly Wave[],
  seed: number,
): DraftRow {
  const arms = compareArms(baseline, head, { seed });
  const of = (name: string) => arms.statistics.find(({ statistic }) => statistic === name)?.values;
  const [medians, means] = [of('p50'), of('mean')];
  const ofMean = (arm: 'baseline' | 'head') => {
    const mean = means?.[arm];
    return mean !== undefined && 'value' in mean ? { [arm]: mean.value } : {};
  };
  const isLatency = measure === 'latency';
  return {
    ...named,
    measure,
    direction: isLatency ? metricDirection(named.metric) : 'higherIsBetter',
    medians: medians as ComparisonRow['medians'],
    means: { ...ofMean('baseline'), ...ofMean('head') },
    ...arms,
    // Of a share a wave, the mean is the share of all.
    statistics: arms.statistics.filter(({ statistic, isCarried }) =>
      isLatency ? isCarried : statistic === 'mean',
    ),
  };
}

function judgedRow(draft: DraftRow, statistics: readonly StatisticVerdict[]): ComparisonRow {
  const [first] = statistics;
  return {
    ...draft,
    ...(first?.change === undefined ? {} : { change: first.change }),
    ...(first?.q === undefined ? {} : { q: first.q }),
    statistics,
    verdict: rowVerdict(statistics),
  };
}

/** The share of each wave that was reached: whole waves stay the units. */
function shares(waves: readonly Wave[]): readonly Wave[] {
  return waves
    .filter((wave) => wave.length > 0)
    .map((wave) => [exactly(count(wave).reached / wave.length)]);
}

function makeSide({ run, manifest }: ComparedRun, { measured, samples }: Analysis): ComparedSide {
  const { run: id, scenario, target, seed } = run.header;
  const { reasons } = judgeValidity(run, measured, samples, gatherFacts(run, manifest).own);
  const twin = manifest?.environment?.twin;
  const outcome = run.end?.outcome ?? 'partial';
  return { id, scenario, target, ...(twin && { twin }), seed, outcome, invalid: reasons };
}
