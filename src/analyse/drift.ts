/**
 * Whether the rounds of a churn get slower as they go on: the slope of their medians, by the same
 * test as the trend of any sample, but told where it finds none as well. "no drift" says no more
 * than its interval does.
 */

import type { Metric } from '../catalogue/metrics.ts';
import { OBJECT_LATENCIES } from '../catalogue/metric-sets.ts';
import type { Run } from '../record/run.ts';
import { inSeconds } from './metric-record.ts';
import { headlineWaves, type Sample } from './samples.ts';
import type { Dimensions } from './span.ts';
import { poolWaves } from './statistics/pooled-sample.ts';
import { quantilesPerWave } from './statistics/sample-interval.ts';
import { TREND_LEVEL, waveSlope, type WaveTrend } from './statistics/wave-trend.ts';

export interface Drift {
  /** The churn. */
  readonly step: string;
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Of the part of the churn that it was measured in, in the plan. */
  readonly stepIndex: number;
  /** That were judged. */
  readonly rounds: number;
  /** `unknown` where there are too few rounds, or one whose median nobody knows. */
  readonly verdict: 'slower' | 'faster' | 'none' | 'unknown';
  /** As shares, with the interval at `level`. */
  readonly perRound?: WaveTrend;
  readonly level: number;
}

export function findDrifts(run: Run, samples: readonly Sample[]): readonly Drift[] {
  const churns = new Map(run.steps.flatMap(({ index, churn }) => (churn ? [[index, churn]] : [])));
  return samples.flatMap((sample) => {
    const step = churns.get(sample.step);
    // From our first sight of each, so without our own queueing.
    return step === undefined || !OBJECT_LATENCIES.has(sample.metric)
      ? []
      : [driftOf(step, sample)];
  });
}

/** Of fewer the normal approximation that the interval rests on is poor (Kendall, 1938). */
const ROUNDS_LEAST = 10;

function driftOf(step: string, sample: Sample): Drift {
  const { metric, dimensions, step: stepIndex } = sample;
  const waves = inSeconds(headlineWaves(sample)).filter((wave) => wave.length > 0);
  const rounds = waves.length;
  const medians = rounds === 0 ? [] : quantilesPerWave(poolWaves(waves), [0.5]).flat();
  const slope = rounds < ROUNDS_LEAST ? undefined : waveSlope(medians);
  const found = { step, metric, dimensions, stepIndex, rounds, level: TREND_LEVEL };
  if (slope === undefined) return { ...found, verdict: 'unknown' };
  const verdict = slope.lo > 0 ? 'slower' : slope.hi < 0 ? 'faster' : 'none';
  return { ...found, verdict, perRound: slope };
}
