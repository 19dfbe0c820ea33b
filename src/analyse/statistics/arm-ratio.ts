/**
 * Ratios between two arms, baseline / head, with intervals from resampling whole waves on the log
 * scale. Where waves of the arms alternate (A B B A), the pair is what is drawn, so that what both
 * waves of a pair shared cancels.
 */

import { sampleVariance } from 'simple-statistics';
import type { Rng } from '../../core/rng.ts';
import { bcaInterval, expandedTail, percentileInterval } from './bootstrap-interval.ts';
import { tQuantile } from './distributions.ts';
import { UNBOUNDED, withInterval, type Interval, type PointEstimate } from './estimate.ts';
import { onceEach, pooledQuantiles, type PooledSample } from './pooled-sample.ts';
import { quantilesPerWave } from './sample-interval.ts';
import { bootstrapMeans, bootstrapQuantiles, leaveOneWaveOut } from './wave-bootstrap.ts';
import { weightedMean, type Resampling, type WaveTotals } from './wave-bootstrap.ts';
import { MIN_WAVES, PLENTY_OF_WAVES, tHalfWidth, wider } from './wave-interval.ts';
import { strataFactor, type Stratum } from './wave-resampling.ts';

/** A value for each arm. */
export interface Arms<T> {
  readonly baseline: T;
  readonly head: T;
}

export interface RatioPlan {
  readonly design: 'independent' | 'paired';
  readonly strata: Arms<readonly Stratum[]>;
  readonly level: number;
  readonly resamples: number;
  readonly rng: Rng;
}

/** One value from each arm. */
export function bothArms<S, T>(arms: Arms<S>, of: (arm: S) => T): Arms<T> {
  return { baseline: of(arms.baseline), head: of(arms.head) };
}

/** Ratio of each quantile (ascending); absent where an arm's is infinite or not positive. */
export function ratiosOfQuantiles(
  arms: Arms<PooledSample>,
  quantiles: readonly number[],
  plan: RatioPlan,
): readonly (PointEstimate | undefined)[] {
  const points = bothArms(arms, (arm) => pooledQuantiles(arm, onceEach(arm), quantiles));
  const waves = fewest(bothArms(arms, (arm) => arm.waveSizes.length));
  const replicated =
    waves < MIN_WAVES
      ? undefined
      : replicates(plan, 'quantiles', (arm, resampling) =>
          bootstrapQuantiles(arms[arm], quantiles, resampling),
        );
  const each = bothArms(arms, (arm) => quantilesPerWave(arm, quantiles));
  return quantiles.map((_, k) => {
    const point = bothArms(points, (arm) => arm[k] as number);
    if (!hasRatio(point)) return undefined;
    const ratio = point.baseline / point.head;
    if (replicated === undefined) return { value: ratio };
    const { baseline, head } = bothArms(replicated, (arm) => arm[k] as Float64Array);
    const tail = expandedTail(waves, plan.level);
    const drawn = percentileInterval(logRatios(baseline, head), tail);
    const interval = stretched(drawn, ratio, plan);
    const own = bothArms(each, (arm) => arm.map((found) => found[k] as number));
    return withInterval(ratio, exponential(widerThanT(interval, ratio, own, plan)));
  });
}

/** Ratio of the means of the reached; absent where an arm has none, or a mean is not positive. */
export function ratioOfMeans(arms: Arms<WaveTotals>, plan: RatioPlan): PointEstimate | undefined {
  const points = bothArms(arms, (arm) => weightedMean(arm, new Uint32Array(arm.counts).fill(1)));
  if (!hasRatio(points)) return undefined;
  const ratio = points.baseline / points.head;
  const waves = fewest(bothArms(arms, (arm) => arm.counts.length));
  if (waves < MIN_WAVES) return { value: ratio };
  const { baseline, head } = replicates(plan, 'mean', (arm, resampling) =>
    bootstrapMeans(arms[arm], resampling),
  );
  const jackknife = computeJackknife(arms, points, plan.design);
  const logs = logRatios(baseline, head);
  const tail = expandedTail(waves, plan.level);
  const drawn = bcaInterval(logs, Math.log(ratio), jackknife, tail);
  const interval = stretched(drawn, ratio, plan);
  const each = bothArms(arms, ({ sums, counts }) =>
    Array.from(sums, (sum, wave) => sum / (counts[wave] as number)),
  );
  return withInterval(ratio, exponential(widerThanT(interval, ratio, each, plan)));
}

/** Independent arms draw from streams of their own; pairs draw the same waves in both. */
function replicates<T>(
  { design, strata, resamples, rng }: RatioPlan,
  use: string,
  draw: (arm: 'baseline' | 'head', resampling: Resampling) => T,
): Arms<T> {
  const resampling = (arm: 'baseline' | 'head'): Resampling => ({
    rng: rng.fork(design === 'paired' ? `${use}:pairs` : `${use}:${arm}`),
    strata: strata[arm],
    resamples,
  });
  return {
    baseline: draw('baseline', resampling('baseline')),
    head: draw('head', resampling('head')),
  };
}

function logRatios(baseline: Float64Array, head: Float64Array): Float64Array {
  return baseline.map((value, b) => Math.log(value) - Math.log(head[b] as number));
}

/** Log ratios with each wave of either arm (or each pair) left out, around a common center. */
function computeJackknife(
  arms: Arms<WaveTotals>,
  points: Arms<number>,
  design: RatioPlan['design'],
): number[] {
  const { baseline, head } = bothArms(arms, leaveOneWaveOut);
  if (design === 'paired')
    return [...logRatios(Float64Array.from(baseline), Float64Array.from(head))];
  const whole = Math.log(points.baseline / points.head);
  const fromBaseline = baseline.map((mean) => Math.log(mean / points.head));
  const fromHead = head.map((mean) => Math.log(points.baseline / mean));
  return [...centered(fromBaseline, whole), ...centered(fromHead, whole)];
}

function centered(values: readonly number[], on: number): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean + on);
}

/** As long as drawing within strata asks for, in either arm; of logarithms. */
function stretched({ lo, hi }: Interval, ratio: number, { strata }: RatioPlan): Interval {
  const factor = Math.max(strataFactor(strata.baseline), strataFactor(strata.head));
  const center = Math.log(ratio);
  return { lo: center + factor * (lo - center), hi: center + factor * (hi - center) };
}

/** Where either arm has few waves: the t interval of the log ratio over waves, if it is longer. */
function widerThanT(
  interval: Interval,
  ratio: number,
  each: Arms<readonly number[]>,
  { design, level, strata }: RatioPlan,
): Interval {
  if (fewest(bothArms(each, (arm) => arm.length)) >= PLENTY_OF_WAVES) return interval;
  // Over all waves the t interval would take their order for noise.
  if (strata.baseline.length > 1 || strata.head.length > 1) return interval;
  const logs = bothArms(each, (arm) => arm.map(Math.log));
  if (![...logs.baseline, ...logs.head].every(Number.isFinite)) return interval;
  const reach =
    design === 'paired'
      ? tHalfWidth(
          logs.baseline.map((log, pair) => log - (logs.head[pair] as number)),
          level,
        )
      : welchHalfWidth(logs, level);
  return wider(interval, { lo: Math.log(ratio) - reach, hi: Math.log(ratio) + reach });
}

/** Half the width of Welch's interval (1947) of a difference of means of unequal variances. */
function welchHalfWidth(arms: Arms<readonly number[]>, level: number): number {
  const { baseline, head } = bothArms(arms, (arm) => sampleVariance(arm as number[]) / arm.length);
  const variance = baseline + head;
  if (variance === 0) return 0;
  const df =
    variance ** 2 /
    (baseline ** 2 / (arms.baseline.length - 1) + head ** 2 / (arms.head.length - 1));
  return tQuantile(0.5 + level / 2, df) * Math.sqrt(variance);
}

function exponential({ lo, hi }: Interval): Interval {
  if (lo === UNBOUNDED.lo && hi === UNBOUNDED.hi) return UNBOUNDED;
  return { lo: Math.exp(lo), hi: Math.exp(hi) };
}

function hasRatio({ baseline, head }: Arms<number>): boolean {
  return baseline > 0 && head > 0 && Number.isFinite(baseline) && Number.isFinite(head);
}

function fewest({ baseline, head }: Arms<number>): number {
  return Math.min(baseline, head);
}
