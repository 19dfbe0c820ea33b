/**
 * The front door for two samples: the arms of a comparison inside a run, or two runs. Ratios are
 * baseline / head, so for a latency above 1 means that head is faster; shift and delta are head
 * minus baseline. The p-value is of waves, not of VMs, and alone it is no verdict: that takes all
 * comparisons of a table (benjamini-hochberg.ts, verdict.ts).
 */

import { invariant } from '../../core/assert.ts';
import { createRng } from '../../core/rng.ts';
import { bothArms, type Arms, type RatioPlan } from './arm-ratio.ts';
import { RESAMPLES } from './bootstrap-interval.ts';
import {
  compareStatistics,
  type ComparedStatistic,
  type StatisticName,
} from './compared-statistics.ts';
import type { PointEstimate } from './estimate.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { kaplanMeier, restrictedMean } from './kaplan-meier.ts';
import { count, type Counts, type Observation, type Wave } from './observation.ts';
import type { PermutationTest } from './permutation-test.ts';
import { poolWaves } from './pooled-sample.ts';
import { isInterval } from './quantile-estimate.ts';
import { cliffsDelta } from './rank-tests.ts';
import { quantilesPerWave } from './sample-interval.ts';
import { REACHED_ONLY } from './summary-warnings.ts';
import { MIN_WAVES, PLENTY_OF_WAVES } from './wave-interval.ts';
import { chooseStrata, waveRegimes } from './wave-regimes.ts';
import { waveTrend } from './wave-trend.ts';

export interface CompareOptions {
  readonly seed: number | string;
  /** `paired`: wave i of one arm ran next to wave i of the other. Default independent. */
  readonly design?: 'independent' | 'paired';
  /** Default 0.95. */
  readonly level?: number;
  /** Default 2,000. */
  readonly resamples?: number;
}

export interface ArmComparison {
  readonly baseline: Counts;
  readonly head: Counts;
  readonly design: 'independent' | 'paired';
  /** Of the reached; absent where an arm has none or a mean is not positive. */
  readonly ratioOfMeans?: PointEstimate;
  /** Absent where an arm's quantile is over, never, or not positive. */
  readonly ratioOfMedians?: PointEstimate;
  readonly ratioOfP95?: PointEstimate;
  /** Hodges-Lehmann, head - baseline, in the unit of the values, over the reached. */
  readonly shift?: number;
  /** Cliff's delta: P(head > baseline) - P(head < baseline); failures count as infinite. */
  readonly delta: number;
  /** Of wave medians under swapped labels. */
  readonly permutation: PermutationTest;
  /** Median, mean, p95 and p99, each with a test of its own. */
  readonly statistics: readonly ComparedStatistic[];
  /** Where values were not reached: means of min(value, until), which censoring cannot bias. */
  readonly restrictedMeans?: Arms<number> & { readonly until: number };
  readonly warnings: readonly string[];
}

/** Fewer waves than this in an arm give no p-value that survives a correction for many. */
const MIN_WAVES_FOR_P = 6;

/** Compares two arms of at least one observation each. Empty waves are left out. */
export function compareArms(
  baselineWaves: readonly Wave[],
  headWaves: readonly Wave[],
  options: CompareOptions,
): ArmComparison {
  const isPaired = options.design === 'paired' && isPairable(baselineWaves, headWaves);
  const waves = bothArms({ baseline: baselineWaves, head: headWaves }, (arm) =>
    isPaired ? arm : arm.filter((wave) => wave.length > 0),
  );
  const flat = bothArms(waves, (arm) => arm.flat());
  const counts = bothArms(flat, count);
  invariant(counts.baseline.n > 0 && counts.head.n > 0, 'each arm needs an observation');
  const pooled = bothArms(waves, (arm) => poolWaves(arm));
  const medians = bothArms(pooled, (arm) => quantilesPerWave(arm, [0.5]).map(([m]) => m as number));
  const plan = planRatio(isPaired ? 'paired' : 'independent', medians, options);
  const statistics = compareStatistics(waves, pooled, plan);
  const of = (name: StatisticName) =>
    statistics.find(({ statistic }) => statistic === name) as ComparedStatistic;
  return {
    ...counts,
    design: plan.design,
    ...defined('ratioOfMeans', of('mean').ratio),
    ...defined('ratioOfMedians', of('p50').ratio),
    ...defined('ratioOfP95', of('p95').ratio),
    ...estimateShift(flat),
    delta: cliffsDelta(extended(flat.head), extended(flat.baseline)),
    permutation: of('p50').permutation as PermutationTest,
    statistics,
    ...computeRestrictedMeans(flat),
    warnings: listWarnings(waves, counts, options.design === 'paired' && !isPaired),
  };
}

/** Pairs need as many waves on both sides, and something reached in each. */
function isPairable(baseline: readonly Wave[], head: readonly Wave[]): boolean {
  const hasReached = (wave: Wave) => wave.some((observation) => observation.state === 'reached');
  return baseline.length === head.length && [...baseline, ...head].every(hasReached);
}

function planRatio(
  design: RatioPlan['design'],
  medians: Arms<readonly number[]>,
  options: CompareOptions,
): RatioPlan {
  const strataOf = (perWave: readonly number[]) => {
    const regimes = perWave.length < MIN_WAVES ? undefined : waveRegimes(perWave);
    const isTrendable = regimes === undefined && perWave.length >= PLENTY_OF_WAVES;
    return chooseStrata(perWave.length, regimes, isTrendable ? waveTrend(perWave) : undefined);
  };
  const ofPairs = medians.baseline.map((median, pair) => median / (medians.head[pair] as number));
  return {
    design,
    strata: bothArms(medians, (arm) => strataOf(design === 'paired' ? ofPairs : arm)),
    level: options.level ?? 0.95,
    resamples: options.resamples ?? RESAMPLES,
    rng: createRng(options.seed).fork('compare-arms'),
  };
}

function reachedValues(observations: readonly Observation[]): number[] {
  return observations.flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
}

/** Censored values stand at the end with the failures: both lie beyond all that was seen. */
function extended(observations: readonly Observation[]): number[] {
  return observations.map((o) => (o.state === 'reached' ? o.hi : Number.POSITIVE_INFINITY));
}

function estimateShift(flat: Arms<readonly Observation[]>): { shift?: number } {
  const { baseline, head } = bothArms(flat, reachedValues);
  return baseline.length === 0 || head.length === 0 ? {} : { shift: hodgesLehmann(head, baseline) };
}

/** Up to the earliest time at which anything was given up in either arm. */
function computeRestrictedMeans(flat: Arms<readonly Observation[]>) {
  const ends = [...flat.baseline, ...flat.head].flatMap((o) =>
    o.state === 'censored' ? [o.at] : [],
  );
  if (ends.length === 0) return {};
  const until = ends.reduce((least, end) => Math.min(least, end), Number.POSITIVE_INFINITY);
  const means = bothArms(flat, (arm) => restrictedMean(kaplanMeier(arm), until));
  return { restrictedMeans: { until, ...means } };
}

function listWarnings(waves: Arms<readonly Wave[]>, counts: Arms<Counts>, isUnpaired: boolean) {
  const { baseline, head } = bothArms(waves, (arm) => arm.length);
  const have = `have ${baseline} and ${head}`;
  const least = Math.min(baseline, head);
  const intervals = [...waves.baseline, ...waves.head].flat().filter(isInterval).length;
  const isMissing = Object.values(counts).some(({ n, reached }) => reached < n);
  return [
    ...(isMissing ? [REACHED_ONLY] : []),
    ...(isUnpaired ? ['arms do not pair wave by wave: compared as independent'] : []),
    ...(least < MIN_WAVES
      ? [`need >= ${MIN_WAVES} waves in each arm for an interval, ${have}`]
      : []),
    ...(least < MIN_WAVES_FOR_P
      ? [`need >= ${MIN_WAVES_FOR_P} waves in each arm for a p-value worth correcting, ${have}`]
      : []),
    ...(intervals > 0
      ? [`${intervals} values are known to an interval only; its upper end counts`]
      : []),
  ];
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
