/**
 * Percentiles of groups of observations, for pictures: of a wave, a node, a place in the wave. The
 * same reading as everywhere: of all that was asked for, so that a miss is never dropped.
 */

import type { Estimate } from './statistics/estimate.ts';
import { count, exactly, type Counts, type Observation } from './statistics/observation.ts';
import { rankInterval } from './statistics/order-statistic-interval.ts';
import { poolWaves } from './statistics/pooled-sample.ts';
import { estimateQuantile, readQuantiles } from './statistics/quantile-estimate.ts';

/** Where the observations lie; infinite where that is among misses. `quantiles` in (0, 1]. */
export function spread(
  observations: readonly Observation[],
  quantiles: readonly number[],
): readonly number[] {
  const waves = [observations];
  const { points } = readQuantiles(waves, poolWaves(waves), quantiles);
  return points.map(({ estimate }) => asNumber(estimate));
}

/** The same of plain values. */
export function spreadOfValues(
  values: readonly number[],
  quantiles: readonly number[],
): readonly number[] {
  return spread(values.map(exactly), quantiles);
}

/** The observations of one group under its name. */
export interface NamedGroup extends Counts {
  readonly name: string;
  readonly median: Estimate;
  /** Of the median, at 95 %; infinite where the values are too few, or misses stand there. */
  readonly lo: number;
  readonly hi: number;
}

/** The fastest first; where half of a group missed it comes last. */
export function groupMedians(
  groups: ReadonlyMap<string, readonly Observation[]>,
): readonly NamedGroup[] {
  return [...groups]
    .map(([name, observations]) => groupMedian(name, observations))
    .sort((a, b) => {
      const [left, right] = [asNumber(a.median), asNumber(b.median)];
      return left === right ? b.reached / b.n - a.reached / a.n : left - right;
    });
}

function groupMedian(name: string, observations: readonly Observation[]): NamedGroup {
  const { lower, upper } = rankInterval(observations.length, 0.5, 0.95);
  const at = (rank: number, none: number) =>
    rank < 1 || rank > observations.length
      ? none
      : asNumber(estimateQuantile(observations, (rank - 0.5) / observations.length).estimate);
  return {
    name,
    ...count(observations),
    median: estimateQuantile(observations, 0.5).estimate,
    lo: at(lower, Number.NEGATIVE_INFINITY),
    hi: at(upper, Number.POSITIVE_INFINITY),
  };
}

function asNumber(estimate: Estimate): number {
  return 'value' in estimate ? estimate.value : Number.POSITIVE_INFINITY;
}
