/**
 * How often stated intervals hold the truth, on samples whose truth is known: latencies are
 * lognormal, waves share an effect that makes up `icc` of the variance of the logarithm. The tests
 * here run a few seeds; `npm run truth` runs 200 and prints the table.
 */

import { createRng, type Rng } from '../../../src/core/rng.ts';
import { normalQuantile } from '../../../src/analyse/statistics/distributions.ts';
import type { Estimate } from '../../../src/analyse/statistics/estimate.ts';
import { exactly, type Wave } from '../../../src/analyse/statistics/observation.ts';
import * as orderStatistics from '../../../src/analyse/statistics/order-statistic-interval.ts';
import { ascending } from '../../../src/analyse/statistics/quantile.ts';
import { QUANTILES, summarise } from '../../../src/analyse/statistics/summarise.ts';

export interface CoverageCase {
  readonly waves: number;
  readonly perWave: number;
  /** Share of the variance of the logarithm that a wave's values have in common. */
  readonly icc: number;
  /** Independent samples to draw. */
  readonly seeds: number;
  readonly resamples?: number;
}

/** Shares of samples whose 95 % interval held the truth; an unbounded end holds everything. */
export interface Coverage {
  /** Order statistics, which take all values for independent. */
  readonly naive: Readonly<Record<'p50' | 'p95', number>>;
  /** What `summarise` states. */
  readonly stated: Readonly<Record<'mean' | 'p50' | 'p95' | 'p99', number>>;
  /** Samples for which p99 had no upper bound. */
  readonly unboundedP99: number;
}

const MEDIAN = 30;
const SIGMA = 0.25;

/** Simulates the coverage of one case; the same case gives the same shares. */
export function simulateCoverage({ seeds, ...shape }: CoverageCase): Coverage {
  const runs = Array.from({ length: seeds }, (_, seed) => coverageOfOne(shape, seed));
  const share = (holds: (run: (typeof runs)[number]) => boolean) =>
    runs.filter(holds).length / runs.length;
  return {
    naive: { p50: share((r) => r.naive.p50), p95: share((r) => r.naive.p95) },
    stated: {
      mean: share((r) => r.stated.mean),
      p50: share((r) => r.stated.p50),
      p95: share((r) => r.stated.p95),
      p99: share((r) => r.stated.p99),
    },
    unboundedP99: share((r) => r.isUnboundedP99),
  };
}

/** Waves of lognormal values with an effect in common. */
export function lognormalWaves(shape: Omit<CoverageCase, 'seeds'>, rng: Rng): Wave[] {
  const shared = Math.sqrt(shape.icc);
  const own = Math.sqrt(1 - shape.icc);
  return Array.from({ length: shape.waves }, () => {
    const effect = shared * rng.normal();
    return Array.from({ length: shape.perWave }, () =>
      exactly(MEDIAN * Math.exp(SIGMA * (effect + own * rng.normal()))),
    );
  });
}

function coverageOfOne(shape: Omit<CoverageCase, 'seeds'>, seed: number) {
  const waves = lognormalWaves(shape, createRng(`coverage:${seed}`));
  const resamples = shape.resamples === undefined ? {} : { resamples: shape.resamples };
  const summary = summarise(waves, { seed, ...resamples });
  const sorted = ascending(waves.flat().flatMap((o) => (o.state === 'reached' ? [o.hi] : [])));
  const naive = (q: number) => {
    const { lo, hi } = orderStatistics.orderStatisticInterval(sorted, q);
    return lo <= trueQuantile(q) && trueQuantile(q) <= hi;
  };
  const stated = (name: keyof typeof QUANTILES) =>
    holdsTruth(summary.quantiles[name], trueQuantile(QUANTILES[name]));
  const { p99 } = summary.quantiles;
  return {
    naive: { p50: naive(0.5), p95: naive(0.95) },
    stated: {
      mean: summary.mean !== undefined && holdsTruth(summary.mean, trueMean()),
      p50: stated('p50'),
      p95: stated('p95'),
      p99: stated('p99'),
    },
    isUnboundedP99: !('value' in p99) || p99.hi === undefined,
  };
}

function trueQuantile(q: number): number {
  return MEDIAN * Math.exp(SIGMA * normalQuantile(q));
}

function trueMean(): number {
  return MEDIAN * Math.exp((SIGMA * SIGMA) / 2);
}

function holdsTruth(estimate: Estimate, truth: number): boolean {
  if (!('value' in estimate)) return false;
  const { lo = Number.NEGATIVE_INFINITY, hi = Number.POSITIVE_INFINITY } = estimate;
  return lo <= truth && truth <= hi;
}
