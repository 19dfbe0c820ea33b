/**
 * What of two distributions is compared: the median, the mean, and those tails that the data carry.
 * A median that stays says nothing of the rest. A twentieth of all clones may take five times as
 * long, and the median does not move; so each statistic has its own ratio and its own test of
 * waves.
 */

import {
  bothArms,
  ratioOfMeans,
  ratiosOfQuantiles,
  type Arms,
  type RatioPlan,
} from './arm-ratio.ts';
import { effectiveCount } from './cluster.ts';
import type { Estimate, PointEstimate } from './estimate.ts';
import { meanOf } from './mean.ts';
import type { Observation, Wave } from './observation.ts';
import { minimumCount } from './order-statistic-interval.ts';
import { permuteLabels, permuteSigns, type PermutationTest } from './permutation-test.ts';
import type { PooledSample } from './pooled-sample.ts';
import { readQuantiles } from './quantile-estimate.ts';
import { quantilesPerWave } from './sample-interval.ts';
import { waveTotals } from './wave-bootstrap.ts';

export const COMPARED_QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

export type StatisticName = keyof typeof COMPARED_QUANTILES | 'mean';

export interface ComparedStatistic {
  readonly statistic: StatisticName;
  /** Of all that was asked for; a mean of the reached, absent where there is none. */
  readonly values: Partial<Arms<Estimate>>;
  /** baseline / head; absent where an arm's value is over, never, absent or not positive. */
  readonly ratio?: PointEstimate;
  /** Two-sided: by permuted waves, or of runs by Welch's test. */
  readonly p: number;
  /** Of one value a wave under swapped labels; absent where runs are the units. */
  readonly permutation?: PermutationTest;
  /** Both arms hold enough independent values to bound it; always so for median and mean. */
  readonly isCarried: boolean;
}

/** Median first, then mean, p95 and p99. */
export function compareStatistics(
  waves: Arms<readonly Wave[]>,
  pooled: Arms<PooledSample>,
  plan: RatioPlan,
): readonly ComparedStatistic[] {
  const quantiles = Object.values(COMPARED_QUANTILES);
  const ratios = ratiosOfQuantiles(pooled, quantiles, plan);
  const perWave = bothArms(pooled, (arm) => quantilesPerWave(arm, quantiles));
  const readings = {
    baseline: readQuantiles(waves.baseline, pooled.baseline, quantiles),
    head: readQuantiles(waves.head, pooled.head, quantiles),
  };
  const worth = bothArms(waves, effectiveCount);
  const found = Object.entries(COMPARED_QUANTILES).map(([name, q], k): ComparedStatistic => {
    const ratio = ratios[k];
    const each = bothArms(perWave, (arm) => arm.map((values) => values[k] as number));
    return {
      statistic: name as StatisticName,
      values: bothArms(readings, ({ points }) => points[k]?.estimate as Estimate),
      ...(ratio === undefined ? {} : { ratio }),
      ...tested(permuteLogs(each, plan, name)),
      isCarried: q === 0.5 || Math.min(worth.baseline, worth.head) >= minimumCount(q, plan.level),
    };
  });
  const [median, ...tails] = found as [ComparedStatistic, ...ComparedStatistic[]];
  return [median, compareMeans(waves, plan), ...tails];
}

function compareMeans(waves: Arms<readonly Wave[]>, plan: RatioPlan): ComparedStatistic {
  const reached = bothArms(waves, (arm) =>
    arm.map(reachedValues).filter((wave) => wave.length > 0),
  );
  const ratio = ratioOfMeans(bothArms(reached, waveTotals), plan);
  const means = bothArms(reached, (arm) => arm.map(meanOf));
  return {
    statistic: 'mean',
    values: {
      ...meanEstimate('baseline', reached.baseline),
      ...meanEstimate('head', reached.head),
    },
    ...(ratio === undefined ? {} : { ratio }),
    ...tested(permute(means, plan, 'mean')),
    isCarried: true,
  };
}

function tested(permutation: PermutationTest) {
  return { p: permutation.p, permutation };
}

function meanEstimate(arm: keyof Arms<unknown>, waves: readonly (readonly number[])[]) {
  const values = waves.flat();
  return values.length === 0 ? {} : { [arm]: { value: meanOf(values) } };
}

function permuteLogs(each: Arms<readonly number[]>, plan: RatioPlan, name: string) {
  const isPositive = [...each.baseline, ...each.head].every((value) => value > 0);
  return permute(isPositive ? bothArms(each, (arm) => arm.map(Math.log)) : each, plan, name);
}

/** The median keeps the stream that was its own before other statistics were tested. */
function permute(
  { baseline, head }: Arms<readonly number[]>,
  { design, rng }: RatioPlan,
  name: string,
): PermutationTest {
  const stream = rng.fork(name === 'p50' ? 'permutation' : `permutation:${name}`);
  if (baseline.length === 0 || head.length === 0) return NO_TEST;
  const isPaired = design === 'paired' && baseline.length === head.length;
  if (!isPaired) return permuteLabels(baseline, head, stream);
  const differences = baseline.map((value, pair) => {
    const other = head[pair] as number;
    return value === other ? 0 : value - other;
  });
  return permuteSigns(differences, stream);
}

/** Nothing to swap. */
const NO_TEST: PermutationTest = { p: 1, labellings: 1, isExhaustive: true };

function reachedValues(observations: readonly Observation[]): number[] {
  return observations.flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
}
