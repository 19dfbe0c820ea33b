/**
 * What a group of runs of one scenario says: each statistic over the runs, with the spread from run
 * to run. The interval is of the scenario on this cluster, not of one run of it; that is why it is
 * wider than any run's own.
 */

import { analyse } from '../analyse/analysis.ts';
import { findTellingSamples } from '../analyse/before-sight.ts';
import { inSeconds } from '../analyse/metric-record.ts';
import { headlineWaves, type Sample } from '../analyse/samples.ts';
import type { Dimensions } from '../analyse/span.ts';
import { dimensionKey } from '../analyse/spans.ts';
import { type GroupEstimate, groupEstimate } from '../analyse/statistics/group-interval.ts';
import type { Wave } from '../analyse/statistics/observation.ts';
import { estimateQuantile } from '../analyse/statistics/quantile-estimate.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { TwinFact } from '../record/manifest.ts';
import type { Run } from '../record/run.ts';

const GROUP_SUMMARY_SCHEMA = 'bench/group-summary/v1';

export interface GroupSummary {
  readonly schema: typeof GROUP_SUMMARY_SCHEMA;
  readonly scenario: string;
  readonly target: string;
  /** What a simulated one stands for. */
  readonly twin?: TwinFact;
  readonly runs: readonly string[];
  /** Seconds. */
  readonly metrics: readonly GroupMetric[];
}

export interface GroupMetric {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Absent where a run did not reach it. */
  readonly p50?: GroupEstimate;
  readonly p95?: GroupEstimate;
  /** Of the reached. */
  readonly mean?: GroupEstimate;
}

/** Of runs of one scenario; what is not in all of them is left out. */
export function summariseGroup(runs: readonly Run[], twin?: TwinFact): GroupSummary {
  const [first] = runs as readonly [Run, ...Run[]];
  const all = runs.map((run) => analyse(run).samples);
  const tells = findTellingSamples(...all);
  const samples = all.map((own) => bySeries(own.filter(tells)));
  const metrics = [...(samples[0] ?? new Map<string, Sample>())].flatMap(([key, sample]) => {
    const waves = samples.flatMap((own) => {
      const found = own.get(key);
      return found === undefined ? [] : [inSeconds(headlineWaves(found))];
    });
    const isWhole = waves.length === runs.length && waves.every((own) => own.flat().length > 0);
    return isWhole ? [groupMetric(sample, waves)] : [];
  });
  const { scenario, target } = first.header;
  const ids = runs.map(({ header }) => header.run);
  const stands = twin === undefined ? {} : { twin };
  return { schema: GROUP_SUMMARY_SCHEMA, scenario, target, ...stands, runs: ids, metrics };
}

function bySeries(samples: readonly Sample[]): ReadonlyMap<string, Sample> {
  return new Map(
    samples.map((sample) => [`${sample.metric}/${dimensionKey(sample.dimensions)}`, sample]),
  );
}

function groupMetric(
  { metric, dimensions }: Sample,
  runs: readonly (readonly Wave[])[],
): GroupMetric {
  const at = (q: number) => groupEstimate(runs, (waves) => quantileOf(waves, q), `${metric}:${q}`);
  const [p50, p95] = [at(0.5), at(0.95)];
  const mean = groupEstimate(runs, meanOf, `${metric}:mean`);
  return {
    metric,
    dimensions,
    ...(p50 === undefined ? {} : { p50 }),
    ...(p95 === undefined ? {} : { p95 }),
    ...(mean === undefined ? {} : { mean }),
  };
}

function quantileOf(waves: readonly Wave[], q: number): number {
  const { estimate } = estimateQuantile(waves.flat(), q);
  return 'value' in estimate ? estimate.value : Number.POSITIVE_INFINITY;
}

function meanOf(waves: readonly Wave[]): number {
  const reached = waves.flat().flatMap((o) => (o.state === 'reached' ? [o.hi] : []));
  return reached.reduce((sum, value) => sum + value, 0) / reached.length;
}
