/**
 * How often stated intervals hold the truth, on samples whose truth is known: latencies are
 * lognormal, of two kinds, or follow a step and a trend from wave to wave; waves share an effect
 * that makes up `icc` of the variance of the logarithm. The tests here run a few seeds; `npm run
 * truth` runs more and prints the table.
 */

import { createRng, type Rng } from '../../../src/core/rng.ts';
import { invertIncreasing } from '../../../src/analyse/statistics/special-functions.ts';
import { normalCdf } from '../../../src/analyse/statistics/distributions.ts';
import type { Estimate } from '../../../src/analyse/statistics/estimate.ts';
import {
  exactly,
  type Observation,
  type Wave,
} from '../../../src/analyse/statistics/observation.ts';
import { rankInterval } from '../../../src/analyse/statistics/order-statistic-interval.ts';
import { ascending } from '../../../src/analyse/statistics/quantile.ts';
import { QUANTILES, summarise } from '../../../src/analyse/statistics/summarise.ts';

export interface CoverageCase {
  readonly waves: number;
  readonly perWave: number;
  /** Share of the variance of the logarithm that a wave's values have in common. */
  readonly icc: number;
  /** Default lognormal. */
  readonly shape?: Shape;
  /** Share of values given up early, whatever they would have come to. */
  readonly censored?: number;
  /** Independent samples to draw. */
  readonly seeds: number;
  readonly resamples?: number;
}

export const SHAPES = ['lognormal', 'bimodal', 'step + trend'] as const;

type Shape = (typeof SHAPES)[number];

/** Shares of samples whose 95 % interval held the truth; an unbounded end holds everything. */
export interface Coverage {
  /** Order statistics, which take all values for independent. */
  readonly naive: Readonly<Record<'p50' | 'p95', number>>;
  /** What `summarise` states. */
  readonly stated: Readonly<Record<'mean' | 'p50' | 'p95' | 'p99', number>>;
  /** Samples for which p99 had no upper bound. */
  readonly unboundedP99: number;
  /** Of the intervals that were stated with both ends, the share that held; NaN where none was. */
  readonly printed: Readonly<Record<'mean' | 'p50' | 'p95' | 'p99' | 'success', number>>;
  /** Share of samples that had one. */
  readonly told: Readonly<Record<'mean' | 'p50' | 'p95' | 'p99' | 'success', number>>;
}

const MEDIAN = 30;
const SIGMA = 0.25;

/** Simulates the coverage of one case; the same case gives the same shares. */
export function simulateCoverage({ seeds, ...shape }: CoverageCase): Coverage {
  const runs = Array.from({ length: seeds }, (_, seed) => coverageOfOne(shape, seed));
  const share = (holds: (run: (typeof runs)[number]) => boolean) =>
    runs.filter(holds).length / runs.length;
  const printed = (name: keyof (typeof runs)[number]['printed']) => {
    const told = runs.flatMap((run) => run.printed[name] ?? []);
    return told.filter(Boolean).length / told.length;
  };
  const told = (name: keyof (typeof runs)[number]['printed']) =>
    share((run) => run.printed[name] !== undefined);
  return {
    naive: { p50: share((r) => r.naive.p50), p95: share((r) => r.naive.p95) },
    stated: {
      mean: share((r) => r.stated.mean),
      p50: share((r) => r.stated.p50),
      p95: share((r) => r.stated.p95),
      p99: share((r) => r.stated.p99),
    },
    unboundedP99: runs.filter((r) => r.isUnboundedP99).length,
    printed: {
      mean: printed('mean'),
      p50: printed('p50'),
      p95: printed('p95'),
      p99: printed('p99'),
      success: printed('success'),
    },
    told: {
      mean: told('mean'),
      p50: told('p50'),
      p95: told('p95'),
      p99: told('p99'),
      success: told('success'),
    },
  };
}

/** Waves of values with an effect in common. */
export function lognormalWaves(shape: Omit<CoverageCase, 'seeds'>, rng: Rng): Wave[] {
  const shared = Math.sqrt(shape.icc);
  const own = Math.sqrt(1 - shape.icc);
  return Array.from({ length: shape.waves }, (_, wave) => {
    const effect = shared * rng.normal();
    return Array.from({ length: shape.perWave }, () => {
      const level = MEDIAN * levelOf(shape, wave) * kindOf(shape, rng);
      const value = level * Math.exp(SIGMA * (effect + own * rng.normal()));
      return givenUp(value, shape, rng);
    });
  });
}

/** A slow kind of clone, four times as long, in one of seven. */
const SLOW = { share: 1 / 7, factor: 4 };

function kindOf({ shape }: Omit<CoverageCase, 'seeds'>, rng: Rng): number {
  return shape === 'bimodal' && rng.next() < SLOW.share ? SLOW.factor : 1;
}

/** A fifth slower from the middle on, and a tenth over all waves. */
function levelOf({ shape, waves }: Omit<CoverageCase, 'seeds'>, wave: number): number {
  if (shape !== 'step + trend') return 1;
  return (1 + (0.1 * wave) / waves) * (wave >= waves / 2 ? 1.2 : 1);
}

/** Given up at a time that has nothing to do with the value. */
function givenUp(value: number, { censored = 0 }: Omit<CoverageCase, 'seeds'>, rng: Rng) {
  if (censored === 0 || rng.next() >= 2 * censored) return exactly(value);
  const at = 2 * MEDIAN * rng.next();
  return at < value ? ({ state: 'censored', at } satisfies Observation) : exactly(value);
}

function coverageOfOne(shape: Omit<CoverageCase, 'seeds'>, seed: number) {
  const waves = lognormalWaves(shape, createRng(`coverage:${seed}`));
  const resamples = shape.resamples === undefined ? {} : { resamples: shape.resamples };
  const summary = summarise(waves, { seed, ...resamples });
  const sorted = ascending(waves.flat().flatMap((o) => (o.state === 'reached' ? [o.hi] : [])));
  const naive = (q: number) => {
    const { lower, upper } = rankInterval(sorted.length, q);
    const truth = trueQuantile(shape, q);
    return (sorted[lower - 1] ?? -Infinity) <= truth && truth <= (sorted[upper - 1] ?? Infinity);
  };
  const stated = (name: keyof typeof QUANTILES) =>
    holdsTruth(summary.quantiles[name], trueQuantile(shape, QUANTILES[name]));
  const { p50, p95, p99 } = summary.quantiles;
  const printed = (estimate: Estimate | undefined, holds: boolean) =>
    estimate !== undefined && 'value' in estimate && isBounded(estimate) ? holds : undefined;
  const mean = summary.mean !== undefined && holdsTruth(summary.mean, trueMean(shape));
  const isWhole = (shape.censored ?? 0) === 0;
  return {
    naive: { p50: naive(0.5), p95: naive(0.95) },
    stated: { mean, p50: stated('p50'), p95: stated('p95'), p99: stated('p99') },
    isUnboundedP99: !('value' in p99) || p99.hi === undefined,
    printed: {
      // A mean of the reached says so itself: it is not the mean of all.
      mean: isWhole ? printed(summary.mean, mean) : undefined,
      p50: printed(p50, stated('p50')),
      p95: printed(p95, stated('p95')),
      p99: printed(p99, stated('p99')),
      success: successOfOne(shape, seed),
    },
  };
}

const SUCCESS = 0.9;

/** Whether the interval of the success share held, where waves fail together; undefined if none. */
function successOfOne(shape: Omit<CoverageCase, 'seeds'>, seed: number): boolean | undefined {
  const rng = createRng(`success:${seed}`);
  const waves = Array.from({ length: shape.waves }, (): Wave => {
    const share = shape.icc === 0 ? SUCCESS : beta(SUCCESS, shape.icc, rng);
    return Array.from({ length: shape.perWave }, () =>
      rng.next() < share ? exactly(MEDIAN * (1 + rng.next())) : { state: 'failed' },
    );
  });
  const { successShare } = summarise(waves, { seed, resamples: 2 });
  return isBounded(successShare) ? holdsTruth(successShare, SUCCESS) : undefined;
}

/** Beta of this mean with an intraclass correlation of `icc`. */
function beta(mean: number, icc: number, rng: Rng): number {
  const size = 1 / icc - 1;
  const [a, b] = [mean * size, (1 - mean) * size].map((shape) =>
    rng.gamma(shape, 1 / Math.sqrt(shape)),
  ) as [number, number];
  return a / (a + b);
}

function isBounded({ lo, hi }: { readonly lo?: number; readonly hi?: number }): boolean {
  return lo !== undefined && hi !== undefined;
}

/** Of the planned sequence of waves. */
function trueQuantile(shape: Omit<CoverageCase, 'seeds'>, q: number): number {
  const cdf = (value: number) => {
    let sum = 0;
    for (let wave = 0; wave < shape.waves; wave++) {
      const z = Math.log(value / (MEDIAN * levelOf(shape, wave))) / SIGMA;
      const slow = shape.shape === 'bimodal' ? SLOW.share : 0;
      sum += (1 - slow) * normalCdf(z) + slow * normalCdf(z - Math.log(SLOW.factor) / SIGMA);
    }
    return sum / shape.waves;
  };
  return invertIncreasing(cdf, q, MEDIAN / 100, MEDIAN * 100);
}

function trueMean(shape: Omit<CoverageCase, 'seeds'>): number {
  const kinds = shape.shape === 'bimodal' ? 1 + SLOW.share * (SLOW.factor - 1) : 1;
  const levels = Array.from({ length: shape.waves }, (_, wave) => levelOf(shape, wave));
  const level = levels.reduce((sum, one) => sum + one, 0) / levels.length;
  return MEDIAN * kinds * level * Math.exp((SIGMA * SIGMA) / 2);
}

function holdsTruth(estimate: Estimate, truth: number): boolean {
  if (!('value' in estimate)) return false;
  const { lo = Number.NEGATIVE_INFINITY, hi = Number.POSITIVE_INFINITY } = estimate;
  return lo <= truth && truth <= hi;
}
