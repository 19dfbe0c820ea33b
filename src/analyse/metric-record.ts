/** One metric under one set of dimensions, in seconds: an entry of `metrics` in summary.json. */

import { SECOND } from '../core/duration.ts';
import { headlineWaves, type Sample } from './samples.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Dimensions } from './span.ts';
import type { Estimate, PointEstimate } from './statistics/estimate.ts';
import type { Counts, Observation, Wave } from './statistics/observation.ts';
import { summarise, type SampleSummary } from './statistics/summarise.ts';

export interface MetricRecord extends Counts {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** In the plan. */
  readonly stepIndex: number;
  /** Over the reached, as are min and max; absent if there is none. */
  readonly mean?: PointEstimate;
  readonly p50: Estimate;
  readonly p90: Estimate;
  readonly p95: Estimate;
  readonly p99: Estimate;
  readonly min?: PointEstimate;
  readonly max?: PointEstimate;
  /** How the percentiles were read off. */
  readonly method: SampleSummary['method'];
  /** Waves that the sample rests on. */
  readonly waves: number;
  readonly successShare: PointEstimate;
  readonly type7: SampleSummary['quantilesType7'];
  readonly icc?: number;
  readonly designEffect?: number;
  readonly trend?: SampleSummary['trend'];
  readonly regimes?: SampleSummary['regimes'];
  readonly warnings: readonly string[];
}

/** Undefined where all waves were warm-up. */
export function metricRecord(sample: Sample, seed: number): MetricRecord | undefined {
  const waves = inSeconds(headlineWaves(sample));
  if (waves.every((wave) => wave.length === 0)) return undefined;
  const summary = summarise(waves, { seed });
  const { n, reached, failed, censored, quantiles, quantilesType7, ...rest } = summary;
  const { mean, min, max, ...doubts } = rest;
  return {
    metric: sample.metric,
    dimensions: sample.dimensions,
    stepIndex: sample.step,
    n,
    reached,
    failed,
    censored,
    ...(mean === undefined ? {} : { mean }),
    ...quantiles,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    type7: quantilesType7,
    ...doubts,
  };
}

/** Observations of microseconds as seconds. */
export function inSeconds(waves: readonly Wave[]): readonly Wave[] {
  return waves.map((wave) => wave.map(observationInSeconds));
}

export function observationInSeconds(observation: Observation): Observation {
  if (observation.state === 'failed') return observation;
  if (observation.state === 'censored') {
    return { state: 'censored', at: observation.at / SECOND };
  }
  return { state: 'reached', lo: observation.lo / SECOND, hi: observation.hi / SECOND };
}
