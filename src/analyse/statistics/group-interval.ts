/**
 * A statistic over a group of runs, with an interval that resamples runs and then the waves of each
 * drawn run. With few runs the t interval of the runs' own values is the longer one, and the one
 * that holds; so the wider of both is told.
 */

import { sampleStandardDeviation } from 'simple-statistics';
import { createRng } from '../../core/rng.ts';
import { expandedTail, percentileInterval } from './bootstrap-interval.ts';
import { MIN_RUNS, coefficientOfVariation } from './compare-units.ts';
import { tQuantile } from './distributions.ts';
import { withInterval, type PointEstimate } from './estimate.ts';
import type { Wave } from './observation.ts';
import { wider } from './wave-interval.ts';

export interface GroupEstimate extends PointEstimate {
  /** Coefficient of variation from run to run; absent with fewer than two runs. */
  readonly spread?: number;
  /** The value of each run, in order. */
  readonly runs: readonly number[];
}

const RESAMPLES = 1_000;

/** Undefined where a run does not reach the statistic, or it is not positive. */
export function groupEstimate(
  runs: readonly (readonly Wave[])[],
  of: (waves: readonly Wave[]) => number,
  seed: number | string,
): GroupEstimate | undefined {
  const values = runs.map(of);
  if (!values.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  const logs = values.map(Math.log);
  const center = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const spread = coefficientOfVariation(values);
  const told = { runs: values, ...(spread === undefined ? {} : { spread }) };
  if (runs.length < MIN_RUNS) return { value: Math.exp(center), ...told };
  const n = logs.length;
  const reach = (tQuantile(0.975, n - 1) * sampleStandardDeviation(logs)) / Math.sqrt(n);
  const byRuns = { lo: center - reach, hi: center + reach };
  const drawn = percentileInterval(resampled(runs, of, seed), expandedTail(n));
  const { lo, hi } = Number.isFinite(drawn.lo + drawn.hi) ? wider(drawn, byRuns) : byRuns;
  return { ...withInterval(Math.exp(center), { lo: Math.exp(lo), hi: Math.exp(hi) }), ...told };
}

/** Means over drawn runs of the logarithm of the statistic over drawn waves. */
function resampled(
  runs: readonly (readonly Wave[])[],
  of: (waves: readonly Wave[]) => number,
  seed: number | string,
): readonly number[] {
  const rng = createRng(seed).fork('group-interval');
  const draw = <T>(all: readonly T[]) => all.map(() => all[rng.integer(all.length)] as T);
  // A few resamples of each run's waves, of which a drawn run takes one.
  const each = runs.map((waves) =>
    Array.from({ length: RESAMPLES_OF_A_RUN }, () => Math.log(of(draw(waves)))),
  );
  return Array.from({ length: RESAMPLES }, () => {
    const sum = draw(each).reduce(
      (total, replicates) => total + (replicates[rng.integer(replicates.length)] as number),
      0,
    );
    return sum / runs.length;
  });
}

const RESAMPLES_OF_A_RUN = 50;
