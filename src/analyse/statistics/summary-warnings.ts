/**
 * What a summary's numbers lack, in words that name the remedy. Warnings are part of the result:
 * thin data never raises, and never lies.
 */

import type { Estimate } from './estimate.ts';
import type { Counts } from './observation.ts';
import { minimumCount } from './order-statistic-interval.ts';
import { isInterval, type QuantileReading } from './quantile-estimate.ts';
import { onceEach, pooledQuantiles } from './pooled-sample.ts';
import type { PreparedSample } from './sample-interval.ts';
import { tailWorth } from './sample-worth.ts';
import { MIN_WAVES } from './wave-interval.ts';
import type { WaveRegimes } from './wave-regimes.ts';
import type { WaveTrend } from './wave-trend.ts';

/** Said wherever mean, min and max leave values out. */
export const REACHED_ONLY = 'reachedOnly';

export interface SummaryFacts {
  readonly sample: PreparedSample;
  readonly counts: Counts;
  readonly reading: QuantileReading;
  readonly quantiles: readonly number[];
  readonly estimates: readonly Estimate[];
  readonly trend: WaveTrend | undefined;
  readonly regimes: WaveRegimes | undefined;
}

export function listWarnings(facts: SummaryFacts): string[] {
  const { counts } = facts;
  return [
    ...(counts.reached < counts.n ? [REACHED_ONLY] : []),
    ...waveWarnings(facts),
    ...facts.quantiles.flatMap((q, i) =>
      quantileWarnings(facts, q, facts.estimates[i] as Estimate),
    ),
    ...intervalWarnings(facts),
    ...trendWarnings(facts.trend),
    ...regimeWarnings(facts.regimes),
  ];
}

/** `p95`, `p99.9`. */
function quantileName(q: number): string {
  return `p${Number((q * 100).toFixed(6))}`;
}

/** `need >= 368 values for a two-sided 95 % bound of p99`. */
function needValues(q: number, level: number): string {
  const share = `${Number((level * 100).toFixed(6))} %`;
  const need = `need >= ${minimumCount(q, level)} values`;
  return `${need} for a two-sided ${share} bound of ${quantileName(q)}`;
}

function waveWarnings({ sample }: SummaryFacts): string[] {
  const waves = sample.waves.length;
  if (waves >= MIN_WAVES) return [];
  const what = sample.isIndependent ? 'an interval of the mean' : 'intervals';
  return [`need >= ${MIN_WAVES} waves for ${what}, have ${waves}`];
}

function quantileWarnings(facts: SummaryFacts, q: number, estimate: Estimate): string[] {
  const { sample, counts } = facts;
  if (!('value' in estimate)) return [];
  const need = minimumCount(q, sample.level);
  if (counts.n < need) return [`${needValues(q, sample.level)}, have ${counts.n}`];
  if (!sample.isIndependent && sample.waves.length < MIN_WAVES) return [];
  const name = quantileName(q);
  const { waves, strata } = sample;
  const tail = q < 0.9 ? Infinity : tailWorth(waves, strata, estimate.value);
  const worth = Math.floor(Math.min(sample.worth, tail));
  if (worth < need) {
    const rests = `${name} rests on about ${worth} independent values`;
    return [`${rests}, its bound needs ${need}: more waves`];
  }
  if (estimate.hi !== undefined) return [];
  const missed = counts.n - counts.reached;
  return [`no upper bound of ${name}: ${missed} of ${counts.n} were not reached`];
}

/** A quantile known no better than to this part of itself is told with its interval. */
const WIDE_PART = 0.05;

function intervalWarnings({ sample, counts, reading, quantiles }: SummaryFacts): string[] {
  const intervals = sample.waves.flat().filter(isInterval).length;
  if (intervals === 0) return [];
  const share = `${intervals} of ${counts.n} values are known to an interval only`;
  const wide = reading.points.flatMap(({ estimate, within }, i) => {
    if (!('value' in estimate) || within === undefined) return [];
    if (within.hi - within.lo <= WIDE_PART * within.hi) return [];
    const name = quantileName(quantiles[i] as number);
    return [`${name} may lie anywhere in ${allowed(sample, quantiles[i] as number)}`];
  });
  return [
    `${share}; mean, min, max and quantiles count its upper end`,
    ...wide,
    ...(reading.converged ? [] : ['quantiles are approximate: the fit was cut off']),
  ];
}

/** `12.3 to 45.6`: the quantile if all values were at their lower, and at their upper ends. */
function allowed({ lower, upper }: PreparedSample, q: number): string {
  const ends = [lower, upper].map((pooled) => pooledQuantiles(pooled, onceEach(pooled), [q])[0]);
  return ends.map((end) => Number((end as number).toPrecision(4))).join(' to ');
}

/** In the unit of the values, as the levels are. */
function regimeWarnings(regimes: WaveRegimes | undefined): string[] {
  if (regimes === undefined) return [];
  const levels = regimes.levels.map((level) => String(Number(level.toPrecision(2))));
  const last = levels.pop() ?? '';
  const told = `about ${levels.join(', ')} and ${last}`;
  return regimes.pattern === 'alternating'
    ? [`waves alternate between ${told}: intervals hold for this order of waves`]
    : [`waves come in stretches of ${told}: intervals hold for this order of waves`];
}

function trendWarnings(trend: WaveTrend | undefined): string[] {
  if (trend === undefined) return [];
  const percent = (100 * trend.perWave).toFixed(2);
  return [`waves trend by ${percent} % a wave; intervals hold for this sequence of waves`];
}
