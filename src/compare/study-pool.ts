/**
 * Several clusters of a study as one fleet: figures from all values of a point together, how much
 * clusters differ, and which is the slowest. Percentiles are of the pooled values, never means of
 * percentiles; and simulated clusters are never pooled with real ones.
 */

import { analyse } from '../analyse/analysis.ts';
import { inSeconds } from '../analyse/metric-record.ts';
import { rounded } from '../analyse/rounding.ts';
import { headlineWaves } from '../analyse/samples.ts';
import type { Dimensions } from '../analyse/span.ts';
import { dimensionKey } from '../analyse/spans.ts';
import { type Estimate, slowness } from '../analyse/statistics/estimate.ts';
import type { Counts, Wave } from '../analyse/statistics/observation.ts';
import { MIN_CLUSTERS, summariseClusters } from '../analyse/statistics/over-clusters.ts';
import { estimateQuantile } from '../analyse/statistics/quantile-estimate.ts';
import { findTellingSamples } from '../analyse/before-sight.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Target } from '../record/entry.ts';
import type { Run } from '../record/run.ts';
import type { PointSet } from './study-point.ts';

export interface PooledPoint {
  readonly set: PointSet;
  readonly target: Target;
  /** Clusters that gave figures. */
  readonly clusters: readonly string[];
  readonly metrics: readonly PooledMetric[];
}

/** Seconds. */
export interface PooledMetric extends Counts {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly mean?: Estimate;
  readonly p50: Estimate;
  readonly p90: Estimate;
  readonly p95: Estimate;
  readonly p99: Estimate;
  /** Share of the variance between clusters, of the logarithms; absent where there is none. */
  readonly betweenShare?: number;
  /** By p95. */
  readonly slowest: ClusterFigure;
  readonly fastest: ClusterFigure;
  readonly warnings: readonly string[];
}

export interface ClusterFigure {
  readonly cluster: string;
  readonly p95: Estimate;
}

/** The samples of a run, as far as a fleet is told of them. */
export type RunSamples = ReadonlyMap<string, SeriesSample>;

interface SeriesSample {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Seconds. */
  readonly waves: readonly Wave[];
}

export function runSamples(run: Run): RunSamples {
  const { samples } = analyse(run);
  const own = samples.filter(findTellingSamples(samples));
  return new Map(
    own.flatMap((sample) => {
      const { metric, dimensions } = sample;
      const waves = inSeconds(headlineWaves(sample));
      if (waves.every((wave) => wave.length === 0)) return [];
      return [[`${metric}/${dimensionKey(dimensions)}`, { metric, dimensions, waves }] as const];
    }),
  );
}

/** `runs`: of one point, on clusters of one kind. */
export function poolPoint(
  { set, target }: Pick<PooledPoint, 'set' | 'target'>,
  runs: readonly { readonly cluster: string; readonly samples: RunSamples }[],
): PooledPoint {
  const series = new Map(runs.flatMap(({ samples }) => [...samples]));
  const clusters = [...new Set(runs.map(({ cluster }) => cluster))];
  const metrics = [...series].map(([key, sample]) => {
    const own = clusters.map((cluster) => ({
      cluster,
      waves: runs.flatMap((run) =>
        run.cluster === cluster ? (run.samples.get(key)?.waves ?? []) : [],
      ),
    }));
    return poolMetric(sample, own);
  });
  return { set, target, clusters, metrics };
}

interface ClusterWaves {
  readonly cluster: string;
  readonly waves: readonly Wave[];
}

function poolMetric(
  { metric, dimensions }: SeriesSample,
  all: readonly ClusterWaves[],
): PooledMetric {
  const there = all.filter(({ waves }) => waves.some((wave) => wave.length > 0));
  const { quantiles, ...rest } = summariseClusters(
    there.map(({ waves }) => waves),
    `${metric}/${dimensionKey(dimensions)}`,
  );
  const bySpeed = there
    .map(({ cluster, waves }) => ({ cluster, p95: estimateQuantile(waves.flat(), 0.95).estimate }))
    .toSorted((a, b) => slowness(a.p95) - slowness(b.p95));
  return rounded({
    metric,
    dimensions,
    ...rest,
    ...quantiles,
    fastest: bySpeed[0] as ClusterFigure,
    slowest: bySpeed.at(-1) as ClusterFigure,
    warnings: [
      ...(there.length < MIN_CLUSTERS ? [`${there.length} clusters carry no interval`] : []),
      ...(there.length < all.length ? [`${all.length - there.length} clusters have none`] : []),
    ],
  });
}
