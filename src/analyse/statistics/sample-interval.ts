/**
 * Intervals of the quantiles, the mean and the success share of one sample. Values that come one to
 * a wave are independent and get exact rank intervals; values that share waves get the wave
 * bootstrap, under the rules of wave-interval.ts.
 */

import type { Rng } from '../../core/rng.ts';
import { cautiousDesignEffect } from './cluster.ts';
import { tQuantile } from './distributions.ts';
import { bcaInterval, expandedTail, percentileInterval } from './bootstrap-interval.ts';
import { UNBOUNDED, type Interval } from './estimate.ts';
import { kaplanMeier, survivalQuantileInterval } from './kaplan-meier.ts';
import type { Wave } from './observation.ts';
import { minimumCount, rankInterval } from './order-statistic-interval.ts';
import { onceEach, pooledQuantiles, type PooledSample } from './pooled-sample.ts';
import { clopperPearson } from './proportion-interval.ts';
import { bootstrapMeans, bootstrapQuantiles, leaveOneWaveOut } from './wave-bootstrap.ts';
import { waveTotals, weightedMean, type WaveTotals } from './wave-bootstrap.ts';
import { MIN_WAVES, PLENTY_OF_WAVES, tIntervalOverWaves } from './wave-interval.ts';
import { wider, widerWhereWavesAreFew } from './wave-interval.ts';
import { tailWorth } from './sample-worth.ts';
import { oneStratum, strataFactor, type Stratum } from './wave-resampling.ts';

/** One sample, prepared once for all its intervals. */
export interface PreparedSample {
  readonly waves: readonly Wave[];
  /**
   * Intervals counted at their lower and at their upper ends; the same object where all is exact.
   */
  readonly lower: PooledSample;
  readonly upper: PooledSample;
  /** One value to a wave: the values are independent, as far as waves are. */
  readonly isIndependent: boolean;
  /** Waves that may stand in for each other: all, thirds where they trend, or regimes. */
  readonly strata: readonly Stratum[];
  /** How many independent values the sample is worth. */
  readonly worth: number;
  readonly level: number;
  readonly resamples: number;
  readonly rng: Rng;
}

/** The interval of each quantile (ascending); an infinite end is one the sample cannot carry. */
export function quantileIntervals(
  sample: PreparedSample,
  quantiles: readonly number[],
): readonly Interval[] {
  return sample.isIndependent && sample.strata.length === 1
    ? quantiles.map((q) => independentInterval(sample, q))
    : clusteredIntervals(sample, quantiles);
}

/** The interval of the mean of the reached values, by BCa over whole waves. */
export function meanInterval(sample: PreparedSample): Interval {
  const fromUpper = meanIntervalAt(sample, 'hi');
  if (sample.lower === sample.upper) return fromUpper;
  return { lo: meanIntervalAt(sample, 'lo').lo, hi: fromUpper.hi };
}

/**
 * Clopper-Pearson of as many independent values as the waves are worth (Korn and Graubard, 1998);
 * unbounded where too few waves tell what that is.
 */
export function successInterval(sample: PreparedSample): Interval {
  const { waves, level } = sample;
  const reached = waves.map((wave) => wave.map((o) => (o.state === 'reached' ? 1 : 0)));
  const successes = reached.flat().filter((one) => one === 1).length;
  const n = reached.flat().length;
  if (sample.isIndependent) return clopperPearson(successes, n, level);
  // Whether a wave fails as one cannot be told from a few of them.
  if (waves.length < MIN_WAVES) return UNBOUNDED;
  const failing = reached.filter((wave) => wave.includes(0)).length;
  // Where hardly any wave had failures, whether they come together is not known: waves count.
  const effect = failing < FEW_FAILING ? n / waves.length : cautiousDesignEffect(reached);
  const few = tQuantile(0.5 + level / 2, n - 1) / tQuantile(0.5 + level / 2, waves.length - 1);
  const worth = Math.max(1, (n / effect) * (failing < FEW_FAILING ? 1 : few ** 2));
  return clopperPearson((successes / n) * worth, worth, level);
}

const FEW_FAILING = 2;

/** Quantiles of each wave by itself. */
export function quantilesPerWave(
  pooled: PooledSample,
  quantiles: readonly number[],
): readonly (readonly number[])[] {
  const only = new Uint32Array(pooled.waveSizes.length);
  return Array.from(only, (_, wave) => {
    only.fill(0);
    only[wave] = 1;
    return pooledQuantiles(pooled, only, quantiles);
  });
}

function independentInterval({ waves, lower, upper, level }: PreparedSample, q: number): Interval {
  if (upper.censoredEarly) return survivalQuantileInterval(kaplanMeier(waves.flat()), q, level);
  const ranks = rankInterval(upper.values.length, q, level);
  return {
    lo: lower.values[ranks.lower - 1] ?? UNBOUNDED.lo,
    hi:
      upper.isReached[ranks.upper - 1] === 1
        ? (upper.values[ranks.upper - 1] as number)
        : UNBOUNDED.hi,
  };
}

function clusteredIntervals(
  sample: PreparedSample,
  quantiles: readonly number[],
): readonly Interval[] {
  const { lower, upper, level } = sample;
  const waveCount = upper.waveSizes.length;
  if (waveCount < MIN_WAVES) return quantiles.map(() => UNBOUNDED);
  const bootstrap = (pooled: PooledSample) =>
    bootstrapQuantiles(pooled, quantiles, resampling(sample, 'quantiles', waveCount));
  const fromUpper = bootstrap(upper);
  const fromLower = lower === upper ? fromUpper : bootstrap(lower);
  const isPlain = sample.strata.length === 1;
  const perWave = isPlain && waveCount < PLENTY_FOR_TAILS ? quantilesPerWave(upper, quantiles) : [];
  const tail = expandedTail(waveCount, level);
  const values = pooledQuantiles(upper, onceEach(upper), quantiles);
  return quantiles.map((q, k) => {
    const lo = percentileInterval(fromLower[k] as Float64Array, tail).lo;
    const hi = percentileInterval(fromUpper[k] as Float64Array, tail).hi;
    const each = perWave.map((found) => found[k] as number);
    const drawn = stretched({ lo, hi }, values[k] as number, strataFactor(sample.strata));
    const interval = each.length === 0 ? drawn : widened(sample, q, drawn, each);
    return isCarried(sample, q, values[k] as number)
      ? interval
      : { lo: interval.lo, hi: UNBOUNDED.hi };
  });
}

/** The interval of resamples within strata, as long as the waves in them ask for. */
function stretched({ lo, hi }: Interval, value: number, factor: number): Interval {
  if (factor === 1 || !(value > 0) || !(lo > 0)) return { lo, hi };
  return { lo: value * (lo / value) ** factor, hi: value * (hi / value) ** factor };
}

/** The bootstrap of a tail is too short for longer: few waves have much to do with it. */
const PLENTY_FOR_TAILS = 30;

const TAIL = 0.9;

function widened(
  { upper, level }: PreparedSample,
  q: number,
  interval: Interval,
  each: readonly number[],
): Interval {
  if (each.length >= (q < TAIL ? PLENTY_OF_WAVES : PLENTY_FOR_TAILS)) return interval;
  if (!each.every(Number.isFinite)) return interval;
  const [value] = pooledQuantiles(upper, onceEach(upper), [q]);
  return wider(interval, tIntervalOverWaves(value as number, each, level));
}

/** Whether the waves are worth enough independent values for bounds of the quantile. */
function isCarried(
  { waves, strata, worth, level }: PreparedSample,
  q: number,
  value: number,
): boolean {
  const need = minimumCount(q, level);
  if (worth < need) return false;
  return q < TAIL || tailWorth(waves, strata, value) >= need;
}

function meanIntervalAt(sample: PreparedSample, end: 'lo' | 'hi'): Interval {
  const totals = reachedTotals(sample.waves, end);
  const waveCount = totals.counts.length;
  if (waveCount < MIN_WAVES) return UNBOUNDED;
  const value = weightedMean(totals, new Uint32Array(waveCount).fill(1));
  const replicates = bootstrapMeans(totals, resampling(sample, 'mean', waveCount));
  const tail = expandedTail(waveCount, sample.level);
  const drawn = bcaInterval(replicates, value, leaveOneWaveOut(totals), tail);
  const interval = stretched(drawn, value, strataFactor(strataFor(sample, waveCount)));
  if (sample.strata.length > 1) return interval;
  const perWave = Array.from(totals.sums, (sum, w) => sum / (totals.counts[w] as number));
  return widerWhereWavesAreFew(interval, value, perWave, sample.level);
}

/** Totals of the waves in which anything was reached. */
function reachedTotals(waves: readonly Wave[], end: 'lo' | 'hi'): WaveTotals {
  const reached = waves.map((wave) => wave.flatMap((o) => (o.state === 'reached' ? [o[end]] : [])));
  return waveTotals(reached.filter((wave) => wave.length > 0));
}

function resampling(sample: PreparedSample, use: string, waves: number) {
  const { rng, resamples } = sample;
  return { rng: rng.fork(use), resamples, strata: strataFor(sample, waves) };
}

/** Where waves reached nothing, the others have no order of their own. */
function strataFor({ strata, waves: all }: PreparedSample, waves: number): readonly Stratum[] {
  return waves === all.length ? strata : oneStratum(waves);
}
