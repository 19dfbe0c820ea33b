/**
 * Two runs, metric by metric: how much faster or slower, how sure, and one word for each. What a
 * reader would get wrong: all rows are one family; each further metric that is looked at makes a
 * chance finding more likely, so the q-value and not the p-value decides.
 */

import { type Analysis, analyse } from '../analyse/analysis.ts';
import { inSeconds } from '../analyse/metric-record.ts';
import { headlineWaves, type Sample } from '../analyse/samples.ts';
import { FROM_INTENDED_START, metricDirection, WAVE_METRICS } from '../catalogue/metric-sets.ts';
import type { Direction, Metric } from '../catalogue/metrics.ts';
import type { Dimensions } from '../analyse/span.ts';
import { dimensionKey } from '../analyse/spans.ts';
import { benjaminiHochberg } from '../analyse/statistics/benjamini-hochberg.ts';
import { type ArmComparison, compareArms } from '../analyse/statistics/compare-arms.ts';
import type { Estimate, PointEstimate } from '../analyse/statistics/estimate.ts';
import { count, exactly, type Wave } from '../analyse/statistics/observation.ts';
import { estimateQuantile } from '../analyse/statistics/quantile-estimate.ts';
import { FALSE_DISCOVERY_RATE, judge, type Verdict } from '../analyse/statistics/verdict.ts';
import { gatherFacts } from '../analyse/summary.ts';
import { judgeValidity } from '../analyse/validity.ts';
import {
  changedFacts,
  type ComparedRun,
  type Difference,
  fingerprintDifferences,
} from './fingerprint.ts';

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
}

interface ComparedSide {
  readonly id: string;
  readonly scenario: string;
  readonly target: string;
  readonly seed: number;
  readonly outcome: string;
  /** Why the run's figures are not to be trusted; empty where they are. */
  readonly invalid: readonly string[];
}

export interface ComparisonRow extends ArmComparison {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Latencies in seconds, or the share of operations that reached their end. */
  readonly measure: 'latency' | 'success';
  readonly direction: Direction;
  readonly medians: { readonly baseline: Estimate; readonly head: Estimate };
  /** Of the reached; absent where there is none. */
  readonly means: { readonly baseline?: number; readonly head?: number };
  /** head / base - 1 of the statistic that is judged; absent where one side has none. */
  readonly change?: number;
  /** p after Benjamini-Hochberg over all rows. */
  readonly q: number;
  readonly verdict: Verdict;
}

interface Unmatched {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly onlyIn: 'base' | 'head';
}

/** `seed` is that of the resampling. */
export function compareRuns(base: ComparedRun, head: ComparedRun, seed = 1): RunComparison {
  const analyses = { base: analyse(base.run), head: analyse(head.run) };
  const baseline = comparedSamples(analyses.base);
  const other = comparedSamples(analyses.head);
  const drafts = [...baseline].flatMap(([key, sample]) => {
    const match = other.get(key);
    return match === undefined ? [] : draftRows(sample, match, seed);
  });
  const q = benjaminiHochberg(drafts.map(({ permutation }) => permutation.p));
  return {
    schema: COMPARISON_SCHEMA,
    base: makeSide(base, analyses.base),
    head: makeSide(head, analyses.head),
    differences: fingerprintDifferences(base, head),
    changedFacts: changedFacts(base, head),
    rows: drafts.map((draft, i) => ({
      ...draft,
      q: q[i] ?? 1,
      verdict: decideVerdict(draft, q[i]),
    })),
    unmatched: [...onlyIn('base', baseline, other), ...onlyIn('head', other, baseline)],
  };
}

/** The statistic that a row is judged by. */
export function judgedRatio(row: Omit<ComparisonRow, 'q' | 'verdict'>): PointEstimate | undefined {
  return row.measure === 'latency' ? row.ratioOfMedians : row.ratioOfMeans;
}

type DraftRow = Omit<ComparisonRow, 'q' | 'verdict'>;

function comparedSamples({ samples }: Analysis): ReadonlyMap<string, Sample> {
  return new Map(
    samples
      // The family leaves out the harness's own lateness, and what repeats other rows.
      .filter((sample) => !FROM_INTENDED_START.has(sample.metric) && hasValues(sample))
      .map((sample) => [`${sample.metric}\u0000${dimensionKey(sample.dimensions)}`, sample]),
  );
}

function hasValues(sample: Sample): boolean {
  return headlineWaves(sample).some((wave) => wave.length > 0);
}

function draftRows(baseline: Sample, head: Sample, seed: number): DraftRow[] {
  const waves = [baseline, head].map((sample) => inSeconds(headlineWaves(sample)));
  const [left = [], right = []] = waves;
  const latency = draftRow(baseline, 'latency', left, right, seed);
  const isWhole = waves.flat(2).every(({ state }) => state === 'reached');
  // Of a wave metric, that of the objects in the wave tells the same, and more.
  if (isWhole || WAVE_METRICS.has(baseline.metric)) return [latency];
  return [latency, draftRow(baseline, 'success', shares(left), shares(right), seed)];
}

function draftRow(
  { metric, dimensions }: Sample,
  measure: DraftRow['measure'],
  baseline: readonly Wave[],
  head: readonly Wave[],
  seed: number,
): DraftRow {
  const arms = compareArms(baseline, head, { seed });
  const median = (waves: readonly Wave[]) => estimateQuantile(waves.flat(), 0.5).estimate;
  const ratio = measure === 'latency' ? arms.ratioOfMedians : arms.ratioOfMeans;
  return {
    metric,
    dimensions,
    measure,
    direction: measure === 'latency' ? metricDirection(metric) : 'higherIsBetter',
    medians: { baseline: median(baseline), head: median(head) },
    means: { ...computeMean('baseline', baseline), ...computeMean('head', head) },
    ...(ratio === undefined ? {} : { change: 1 / ratio.value - 1 }),
    ...arms,
  };
}

function computeMean(side: 'baseline' | 'head', waves: readonly Wave[]): ComparisonRow['means'] {
  const reached = waves.flat().flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
  if (reached.length === 0) return {};
  return { [side]: reached.reduce((sum, value) => sum + value, 0) / reached.length };
}

/** The share of each wave that was reached: whole waves stay the units. */
function shares(waves: readonly Wave[]): readonly Wave[] {
  return waves
    .filter((wave) => wave.length > 0)
    .map((wave) => [exactly(count(wave).reached / wave.length)]);
}

function decideVerdict(row: DraftRow, q: number | undefined): Verdict {
  const ratio = judgedRatio(row);
  if (ratio !== undefined) return judge({ ratio, q, direction: row.direction });
  // One side never got there: no ratio, but a difference for sure.
  if (q === undefined || q > FALSE_DISCOVERY_RATE || row.delta === 0) return 'inconclusive';
  const headIsLower = row.delta < 0;
  return headIsLower === (row.direction === 'lowerIsBetter') ? 'better' : 'worse';
}

function onlyIn(
  side: Unmatched['onlyIn'],
  own: ReadonlyMap<string, Sample>,
  other: ReadonlyMap<string, Sample>,
): readonly Unmatched[] {
  return [...own]
    .filter(([key]) => !other.has(key))
    .map(([, { metric, dimensions }]) => ({ metric, dimensions, onlyIn: side }));
}

function makeSide({ run, manifest }: ComparedRun, { measured, samples }: Analysis): ComparedSide {
  const { run: id, scenario, target, seed } = run.header;
  const { reasons } = judgeValidity(run, measured, samples, gatherFacts(run, manifest).own);
  return { id, scenario, target, seed, outcome: run.end?.outcome ?? 'partial', invalid: reasons };
}
