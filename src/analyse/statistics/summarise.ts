/**
 * The front door for one sample: waves of observations in, one summary with its doubts out. Mean,
 * min and max are over the reached (infinity has no mean), while quantiles are of all that was
 * asked for.
 */

import { invariant } from '../../core/assert.ts';
import { createRng } from '../../core/rng.ts';
import { RESAMPLES } from './bootstrap-interval.ts';
import { clustering, logarithms } from './cluster.ts';
import { withInterval, type Estimate, type Interval, type PointEstimate } from './estimate.ts';
import { count, type Counts, type Wave } from './observation.ts';
import { poolWaves, type PooledSample } from './pooled-sample.ts';
import { isInterval, readQuantiles } from './quantile-estimate.ts';
import type { QuantileMethod, QuantilePoint } from './quantile-estimate.ts';
import { quantileSorted } from './quantile.ts';
import { meanInterval, quantileIntervals, quantilesPerWave } from './sample-interval.ts';
import { successInterval, type PreparedSample } from './sample-interval.ts';
import { listWarnings } from './summary-warnings.ts';
import { MIN_WAVES, PLENTY_OF_WAVES } from './wave-interval.ts';
import { countWorth } from './sample-worth.ts';
import { chooseStrata, waveRegimes, type WaveRegimes } from './wave-regimes.ts';
import { waveTrend, type WaveTrend } from './wave-trend.ts';

export const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

export type QuantileName = keyof typeof QUANTILES;

export interface SummariseOptions {
  /** Seed of the resampling: the same seed gives the same intervals. */
  readonly seed: number | string;
  /** Default 0.95. */
  readonly level?: number;
  /** Default 2,000. */
  readonly resamples?: number;
}

/** All in the unit of the observations. */
export interface SampleSummary extends Counts {
  /** Waves with at least one observation. */
  readonly waves: number;
  readonly method: QuantileMethod;
  readonly quantiles: Readonly<Record<QuantileName, Estimate>>;
  /** Type 7 of Hyndman and Fan, beside the headline; absent where it is not defined (infinite
   * neighbours, intervals, early censoring). */
  readonly quantilesType7: Readonly<Partial<Record<QuantileName, number>>>;
  /** Over the reached; absent if there is none. */
  readonly mean?: PointEstimate;
  readonly min?: PointEstimate;
  readonly max?: PointEstimate;
  /** The share reached, in [0, 1]. */
  readonly successShare: PointEstimate;
  /** Intraclass correlation of the logarithms within waves, where it exists. */
  readonly icc?: number;
  readonly designEffect?: number;
  /** Where waves get slower or faster as the run goes on. */
  readonly trend?: WaveTrend;
  /** Where waves come in levels far apart, in an order of their own. */
  readonly regimes?: Pick<WaveRegimes, 'levels' | 'pattern'>;
  /** Plain sentences, except the bare code `reachedOnly`. */
  readonly warnings: readonly string[];
}

/** Summarises a sample of at least one observation. Empty waves are left out. */
export function summarise(waves: readonly Wave[], options: SummariseOptions): SampleSummary {
  const filled = waves.filter((wave) => wave.length > 0);
  invariant(filled.length > 0, 'a summary needs at least one observation');
  const { sample, trend, regimes } = prepareSample(filled, options);
  const counts = count(filled.flat());
  const quantiles = Object.values(QUANTILES);
  const reading = readQuantiles(filled, sample.upper, quantiles);
  const intervals = quantileIntervals(sample, quantiles);
  const cluster = clustering(logarithms(filled));
  const estimates = reading.points.map((p, i) => withDoubt(p, intervals[i] as Interval));
  return {
    ...counts,
    waves: filled.length,
    method: reading.method,
    quantiles: named(estimates),
    quantilesType7: reading.method === 'inverse-ecdf' ? typeSeven(sample.upper) : {},
    ...overReached(sample),
    successShare: withInterval(counts.reached / counts.n, successInterval(sample)),
    ...cluster,
    ...(trend === undefined ? {} : { trend }),
    ...(regimes === undefined ? {} : { regimes: describeRegimes(regimes) }),
    warnings: listWarnings({ sample, counts, reading, estimates, quantiles, trend, regimes }),
  };
}

/**
 * The sample as all its figures and pictures take it: the same seed gives the same interval of a
 * quantile, whoever asks. None of the waves is empty.
 */
export function prepareSample(waves: readonly Wave[], options: SummariseOptions) {
  const upper = poolWaves(waves);
  const isExact = !waves.some((wave) => wave.some(isInterval));
  const perWave = medians(upper);
  const regimes = waves.length < MIN_WAVES ? undefined : waveRegimes(perWave);
  const isTrendable = regimes === undefined && waves.length >= PLENTY_OF_WAVES;
  const trend = isTrendable ? waveTrend(perWave) : undefined;
  const strata = chooseStrata(waves.length, regimes, trend);
  const sample: PreparedSample = {
    waves,
    upper,
    lower: isExact ? upper : poolWaves(waves, 'lo'),
    isIndependent: waves.every((wave) => wave.length === 1),
    strata,
    worth: countWorth(waves, strata),
    level: options.level ?? 0.95,
    resamples: options.resamples ?? RESAMPLES,
    rng: createRng(options.seed).fork('wave-bootstrap'),
  };
  return { sample, trend, regimes };
}

function describeRegimes({ levels, pattern }: WaveRegimes) {
  return { levels, pattern };
}

function medians(pooled: PooledSample): number[] {
  return quantilesPerWave(pooled, [0.5]).map(([median]) => median as number);
}

/** The point with its interval, which holds the point and all of the interval the point lies in. */
function withDoubt({ estimate, within }: QuantilePoint, { lo, hi }: Interval): Estimate {
  if (!('value' in estimate)) return estimate;
  const least = within?.lo ?? estimate.value;
  return withInterval(estimate.value, {
    lo: Math.min(lo, least),
    hi: Math.max(hi, estimate.value),
  });
}

function overReached(sample: PreparedSample) {
  const { values, isReached } = sample.upper;
  const reached = values.filter((_, i) => isReached[i] === 1);
  if (reached.length === 0) return {};
  const mean = reached.reduce((sum, value) => sum + value, 0) / reached.length;
  return {
    mean: withInterval(mean, meanInterval(sample)),
    min: { value: reached[0] as number },
    max: { value: reached.at(-1) as number },
  };
}

function typeSeven({ values, isReached }: PooledSample): Partial<Record<QuantileName, number>> {
  const extended = values.map((value, i) =>
    isReached[i] === 1 ? value : Number.POSITIVE_INFINITY,
  );
  const found = Object.entries(QUANTILES).map(
    ([name, q]) => [name, quantileSorted(extended, q, 7)] as const,
  );
  return Object.fromEntries(found.filter(([, value]) => Number.isFinite(value)));
}

function named(estimates: readonly Estimate[]): Record<QuantileName, Estimate> {
  const names = Object.keys(QUANTILES) as QuantileName[];
  return Object.fromEntries(names.map((name, i) => [name, estimates[i]])) as Record<
    QuantileName,
    Estimate
  >;
}
