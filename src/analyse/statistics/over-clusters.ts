/**
 * One sample of several clusters together: figures from all of its values, never from figures of
 * figures, and intervals that draw clusters with replacement and then the waves of each drawn one
 * (Davison and Hinkley 1997, section 3.8). A cluster is one draw, however many VMs it had; with few
 * of them there is no interval, and the t interval over clusters counts where it is wider.
 */

import { createRng, type Rng } from '../../core/rng.ts';
import { expandedTail, percentileInterval, RESAMPLES } from './bootstrap-interval.ts';
import { clustering, logarithms } from './cluster.ts';
import { type Estimate, type Interval, UNBOUNDED, withInterval } from './estimate.ts';
import { type Counts, count, type Wave } from './observation.ts';
import { minimumCount } from './order-statistic-interval.ts';
import { type PooledSample, pooledQuantiles, poolWaves } from './pooled-sample.ts';
import { isInterval, readQuantiles } from './quantile-estimate.ts';
import { tailWorth } from './sample-worth.ts';
import { QUANTILES, type QuantileName } from './summarise.ts';
import { weightedMean, waveTotals } from './wave-bootstrap.ts';
import { widerWhereWavesAreFew, MIN_WAVES } from './wave-interval.ts';
import { oneStratum } from './wave-resampling.ts';

/** Below this many clusters no interval is told. */
export const MIN_CLUSTERS = MIN_WAVES;

/** In the unit of the observations. */
export interface ClustersSummary extends Counts {
  readonly quantiles: Readonly<Record<QuantileName, Estimate>>;
  /** Over the reached; absent where there is none. */
  readonly mean?: Estimate;
  /**
   * Share of the variance of the logarithms that lies between clusters (intraclass correlation, at
   * least 0); absent where it does not exist.
   */
  readonly betweenShare?: number;
}

/** `clusters`: the waves of each; at least one observation in all. */
export function summariseClusters(
  clusters: readonly (readonly Wave[])[],
  seed: number | string,
  resamples = RESAMPLES,
): ClustersSummary {
  const filled = clusters
    .map((waves) => waves.filter((wave) => wave.length > 0))
    .filter((waves) => waves.length > 0);
  const waves = filled.flat();
  const upper = poolWaves(waves);
  const drawn: Drawn = {
    clusters: filled,
    upper,
    rng: createRng(seed).fork('clusters'),
    resamples,
  };
  const quantiles = Object.values(QUANTILES);
  const { points } = readQuantiles(waves, upper, quantiles);
  const intervals = quantileIntervals(drawn, quantiles);
  const estimates = points.map(({ estimate }, i) =>
    'value' in estimate ? withInterval(estimate.value, intervals[i] as Interval) : estimate,
  );
  const names = Object.keys(QUANTILES) as QuantileName[];
  const icc = clustering(logarithms(filled.map((own) => own.flat())))?.icc;
  return {
    ...count(waves.flat()),
    quantiles: Object.fromEntries(names.map((name, i) => [name, estimates[i]])) as Record<
      QuantileName,
      Estimate
    >,
    ...meanOf(drawn),
    ...(icc === undefined ? {} : { betweenShare: Math.max(0, icc) }),
  };
}

interface Drawn {
  readonly clusters: readonly (readonly Wave[])[];
  readonly upper: PooledSample;
  readonly rng: Rng;
  readonly resamples: number;
}

function quantileIntervals(drawn: Drawn, quantiles: readonly number[]): readonly Interval[] {
  const { clusters, upper } = drawn;
  if (clusters.length < MIN_CLUSTERS) return quantiles.map(() => UNBOUNDED);
  const waves = clusters.flat();
  const fromUpper = replicates(drawn, 'quantiles', (times) =>
    pooledQuantiles(upper, times, quantiles),
  );
  const isExact = !waves.some((wave) => wave.some(isInterval));
  const lower = isExact ? upper : poolWaves(waves, 'lo');
  const fromLower = isExact
    ? fromUpper
    : replicates(drawn, 'quantiles', (times) => pooledQuantiles(lower, times, quantiles));
  const once = new Uint32Array(waves.length).fill(1);
  const values = pooledQuantiles(upper, once, quantiles);
  const own = quantilesOfEach(drawn, quantiles);
  const all = clusters.map((each) => each.flat());
  const tail = expandedTail(clusters.length);
  return quantiles.map((q, k) => {
    const at = (found: readonly number[][]) => found.map((one) => one[k] as number);
    const lo = percentileInterval(at(fromLower), tail).lo;
    const hi = percentileInterval(at(fromUpper), tail).hi;
    const value = values[k] as number;
    const interval = widerWhereWavesAreFew({ lo, hi }, value, at(own));
    const isCarried = tailWorth(all, oneStratum(all.length), value) >= minimumCount(q, 0.95);
    return q < TAIL || isCarried ? interval : { lo: interval.lo, hi: UNBOUNDED.hi };
  });
}

/** Percentiles from here on rest on few values. */
const TAIL = 0.9;

function quantilesOfEach({ clusters, upper }: Drawn, quantiles: readonly number[]): number[][] {
  return placesOf(clusters).map((places) => {
    const only = new Uint32Array(upper.waveSizes.length);
    for (const place of places) only[place] = 1;
    return pooledQuantiles(upper, only, quantiles);
  });
}

function meanOf(drawn: Drawn): { readonly mean?: Estimate } {
  const { clusters, upper } = drawn;
  // Summed in ascending order, so that it is the same whatever order the clusters come in.
  const sorted = upper.values.filter((_, i) => upper.isReached[i] === 1);
  if (sorted.length === 0) return {};
  const value = sorted.reduce((sum, each) => sum + each, 0) / sorted.length;
  const reached = (waves: readonly Wave[]) =>
    waves.map((wave) => wave.flatMap((o) => (o.state === 'reached' ? [o.hi] : [])));
  const totals = waveTotals(reached(clusters.flat()));
  if (clusters.length < MIN_CLUSTERS) return { mean: { value } };
  const found = replicates(drawn, 'mean', (times) => [weightedMean(totals, times)]);
  const drawnMeans = found.map(([mean]) => mean as number);
  const own = clusters.map((waves) => {
    const each = waveTotals([reached(waves).flat()]);
    return weightedMean(each, new Uint32Array([1]));
  });
  const interval = percentileInterval(drawnMeans, expandedTail(clusters.length));
  return { mean: withInterval(value, widerWhereWavesAreFew(interval, value, own)) };
}

/** The statistics of each resample. */
function replicates(
  { clusters, rng, resamples }: Drawn,
  use: string,
  of: (multiplicity: Uint32Array) => number[],
): readonly number[][] {
  const places = placesOf(clusters);
  const multiplicity = new Uint32Array(clusters.flat().length);
  const own = rng.fork(use);
  return Array.from({ length: resamples }, () => {
    drawClusters(multiplicity, places, own);
    return of(multiplicity);
  });
}

/** Where the waves of each cluster are among all. */
function placesOf(clusters: readonly (readonly Wave[])[]): readonly (readonly number[])[] {
  let next = 0;
  return clusters.map((waves) => waves.map(() => next++));
}

function drawClusters(
  multiplicity: Uint32Array,
  places: readonly (readonly number[])[],
  rng: Rng,
): void {
  multiplicity.fill(0);
  for (let draw = 0; draw < places.length; draw++) {
    const own = places[rng.integer(places.length)] as readonly number[];
    for (let wave = 0; wave < own.length; wave++) {
      const place = own[rng.integer(own.length)] as number;
      multiplicity[place] = (multiplicity[place] as number) + 1;
    }
  }
}
