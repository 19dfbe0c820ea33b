/**
 * Groups of runs against each other, the run as the unit: each run gives one value of each
 * statistic, and runs of one side differ as runs of the same thing do. Waves do not count here;
 * five runs of two waves say more about the cluster than one of twenty.
 */

import { analyse } from '../analyse/analysis.ts';
import { gatherFacts } from '../analyse/summary.ts';
import { judgeValidity } from '../analyse/validity.ts';
import { effectiveCount } from '../analyse/statistics/cluster.ts';
import { compareUnits, coefficientOfVariation } from '../analyse/statistics/compare-units.ts';
import {
  COMPARED_QUANTILES,
  type ComparedStatistic,
  type StatisticName,
} from '../analyse/statistics/compared-statistics.ts';
import type { Estimate } from '../analyse/statistics/estimate.ts';
import { count, type Wave } from '../analyse/statistics/observation.ts';
import { minimumCount } from '../analyse/statistics/order-statistic-interval.ts';
import { estimateQuantile } from '../analyse/statistics/quantile-estimate.ts';
import { metricDirection, WAVE_METRICS } from '../catalogue/metric-sets.ts';
import type { Direction, Metric } from '../catalogue/metrics.ts';
import type { Dimensions } from '../analyse/span.ts';
import { dimensionKey } from '../analyse/spans.ts';
import type { TwinFact } from '../record/manifest.ts';
import { changedFacts, type ComparedRun, type Difference } from './fingerprint.ts';
import { type Judged, judgeFamily, rowVerdict, type StatisticVerdict } from './judge-statistics.ts';
import { matchSamples, type Matched, type SampledRun, type Unmatched } from './match-samples.ts';
import type { Verdict } from '../analyse/statistics/verdict.ts';

const GROUP_COMPARISON_SCHEMA = 'bench/group-comparison/v1';

export interface GroupComparison {
  readonly schema: typeof GROUP_COMPARISON_SCHEMA;
  readonly scenario: string;
  readonly target: string;
  /** What a simulated one stands for. */
  readonly twin?: TwinFact;
  readonly base: readonly string[];
  readonly head: readonly string[];
  /** Why runs of either side are not to be trusted, each with its run's id. */
  readonly invalid: readonly string[];
  readonly changedFacts: readonly Difference[];
  readonly rows: readonly GroupRow[];
  readonly unmatched: readonly Unmatched[];
}

export interface GroupRow {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly waveSize?: number;
  readonly measure: 'latency' | 'success';
  readonly direction: Direction;
  readonly statistics: readonly StatisticVerdict[];
  readonly verdict: Verdict;
  /** Run to run, of the median (of the share): a coefficient of variation on each side. */
  readonly spread: { readonly baseline?: number; readonly head?: number };
}

export function compareGroups(
  base: readonly ComparedRun[],
  head: readonly ComparedRun[],
): GroupComparison {
  const sides = { base: base.map(sampled), head: head.map(sampled) };
  const { matched, unmatched } = matchGroups(sides.base, sides.head);
  const drafts = matched.flatMap(draftRows);
  const judged = judgeFamily(drafts.map(({ judged: facts }) => facts));
  const [first] = base as readonly [ComparedRun, ...ComparedRun[]];
  const [other] = head as readonly [ComparedRun, ...ComparedRun[]];
  const twin = first.manifest?.environment?.twin;
  return {
    schema: GROUP_COMPARISON_SCHEMA,
    scenario: first.run.header.scenario,
    target: first.run.header.target,
    ...(twin && { twin }),
    base: base.map(({ run }) => run.header.run),
    head: head.map(({ run }) => run.header.run),
    invalid: [...base, ...head].flatMap(invalidity),
    changedFacts: changedFacts(first, other),
    rows: drafts.map(({ row }, i) => {
      const statistics = judged[i] ?? [];
      return { ...row, statistics, verdict: rowVerdict(statistics) };
    }),
    unmatched,
  };
}

function sampled({ run }: ComparedRun): SampledRun {
  return { samples: analyse(run).samples, run };
}

function invalidity({ run, manifest }: ComparedRun): readonly string[] {
  const { measured, samples } = analyse(run);
  const { reasons } = judgeValidity(run, measured, samples, gatherFacts(run, manifest).own);
  return reasons.map((reason) => `${run.header.run}: ${reason}`);
}

/** The waves of each run of either side. */
interface MatchedGroups extends Pick<Matched, 'metric' | 'dimensions' | 'waveSize'> {
  readonly runs: {
    readonly baseline: readonly (readonly Wave[])[];
    readonly head: readonly (readonly Wave[])[];
  };
}

/** What all runs of both sides have: each is held against the first of base. */
function matchGroups(base: readonly SampledRun[], head: readonly SampledRun[]) {
  const [first] = base as readonly [SampledRun, ...SampledRun[]];
  const others = [...base.slice(1), ...head].map((run) => matchSamples(first, run));
  const wavesOf = new Map<string, MatchedGroups & { readonly waves: (readonly Wave[])[] }>();
  for (const { matched } of others) {
    for (const { baseline, head: own, ...filing } of matched) {
      const key = keyOf(filing);
      const known = wavesOf.get(key) ?? { ...filing, runs: EMPTY, waves: [baseline] };
      known.waves.push(own);
      wavesOf.set(key, known);
    }
  }
  const complete = [...wavesOf.values()].filter(({ waves }) => waves.length === others.length + 1);
  const matched = complete.map(({ waves, ...filing }): MatchedGroups => {
    const runs = { baseline: waves.slice(0, base.length), head: waves.slice(base.length) };
    return { ...filing, runs };
  });
  const seen = new Set<string>();
  const unmatched = others
    .flatMap((other) => other.unmatched)
    .filter((one) => {
      const key = `${one.onlyIn}/${keyOf(one)}`;
      return !seen.has(key) && seen.add(key);
    });
  return { matched, unmatched };
}

const EMPTY = { baseline: [], head: [] } as const;

function keyOf({
  metric,
  dimensions,
  waveSize,
}: Pick<Matched, 'metric' | 'dimensions'> & {
  readonly waveSize?: number;
}): string {
  return `${metric}/${dimensionKey(dimensions)}/${waveSize ?? ''}`;
}

interface DraftRow {
  readonly row: Omit<GroupRow, 'statistics' | 'verdict'>;
  readonly judged: Judged;
}

function draftRows({ runs, ...filing }: MatchedGroups): readonly DraftRow[] {
  const baseline = count(runs.baseline.flat(2));
  const head = count(runs.head.flat(2));
  const draft = (
    measure: GroupRow['measure'],
    direction: Direction,
    statistics: readonly ComparedStatistic[],
    of: (waves: readonly Wave[]) => number,
  ): DraftRow => ({
    row: { ...filing, measure, direction, spread: spreads(runs, of) },
    judged: { direction, statistics, baseline, head, delta: 0 },
  });
  const median = (waves: readonly Wave[]) => quantileOf(waves, 0.5);
  const direction = metricDirection(filing.metric);
  const latency = draft('latency', direction, latencyStatistics(runs), median);
  const isWhole = [baseline, head].every(({ n, reached }) => n === reached);
  if (isWhole || WAVE_METRICS.has(filing.metric)) return [latency];
  const shares = [unitStatistic('mean', runs, shareOf)];
  return [latency, draft('success', 'higherIsBetter', shares, shareOf)];
}

function latencyStatistics(runs: MatchedGroups['runs']): readonly ComparedStatistic[] {
  const least = Math.min(...[...runs.baseline, ...runs.head].map(effectiveCount));
  const quantiles = Object.entries(COMPARED_QUANTILES).filter(
    ([, q]) => q === 0.5 || least >= minimumCount(q),
  );
  const [median, ...tails] = quantiles.map(([name, q]) =>
    unitStatistic(name as StatisticName, runs, (waves) => quantileOf(waves, q)),
  );
  return [...(median === undefined ? [] : [median]), unitStatistic('mean', runs, meanOf), ...tails];
}

function unitStatistic(
  statistic: StatisticName,
  runs: MatchedGroups['runs'],
  of: (waves: readonly Wave[]) => number,
): ComparedStatistic {
  const values = { baseline: runs.baseline.map(of), head: runs.head.map(of) };
  const compared = compareUnits(values.baseline, values.head);
  return {
    statistic,
    values: { baseline: typical(values.baseline), head: typical(values.head) },
    ...(compared === undefined ? {} : { ratio: compared.ratio }),
    p: compared?.p ?? 1,
    isCarried: true,
  };
}

/** The geometric mean of the runs; never, where a run did not get there. */
function typical(values: readonly number[]): Estimate {
  if (!values.every((value) => Number.isFinite(value))) return { never: true };
  const isPositive = values.every((value) => value > 0);
  const sum = values.reduce((total, value) => total + (isPositive ? Math.log(value) : value), 0);
  const mean = sum / values.length;
  return { value: isPositive ? Math.exp(mean) : mean };
}

function spreads(runs: MatchedGroups['runs'], of: (waves: readonly Wave[]) => number) {
  const baseline = coefficientOfVariation(runs.baseline.map(of));
  const head = coefficientOfVariation(runs.head.map(of));
  return {
    ...(baseline === undefined ? {} : { baseline }),
    ...(head === undefined ? {} : { head }),
  };
}

function quantileOf(waves: readonly Wave[], q: number): number {
  const { estimate } = estimateQuantile(waves.flat(), q);
  return 'value' in estimate ? estimate.value : Number.POSITIVE_INFINITY;
}

function meanOf(waves: readonly Wave[]): number {
  const reached = waves.flat().flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
  if (reached.length === 0) return Number.POSITIVE_INFINITY;
  return reached.reduce((sum, value) => sum + value, 0) / reached.length;
}

function shareOf(waves: readonly Wave[]): number {
  const { n, reached } = count(waves.flat());
  return reached / n;
}
