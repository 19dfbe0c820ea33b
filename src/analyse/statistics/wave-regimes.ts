/**
 * Whether waves come in regimes: two or three levels far apart, in an order that is no matter of
 * chance (a saw-tooth, or one level after the other). Waves that follow an order are not
 * exchangeable. Drawing them all alike lets a resample have twice as many slow ones as there can
 * be, and the interval speaks of that and not of the sequence.
 */

import { normalCdf } from './distributions.ts';
import { oneStratum, thirds, type Stratum } from './wave-resampling.ts';
import type { WaveTrend } from './wave-trend.ts';

export interface WaveRegimes {
  /** Typical value of each level, ascending. */
  readonly levels: readonly number[];
  /** The level of each wave, in order of release. */
  readonly labels: readonly number[];
  /** `alternating`: neighbours differ more often than by chance; `stretches`: more seldom. */
  readonly pattern: 'alternating' | 'stretches';
}

/** Levels are this much apart ... */
const LEAST_RATIO = Math.log(1.5);

/** ... and by so many times what is between neighbours within them. */
const LEAST_GAP = 4;

/** One false finding in a hundred: it is looked for in every sample. */
const SIGNIFICANCE = 0.01;

const MOST_LEVELS = 3;

/** Fewer waves in a level cannot stand in for each other. */
const LEAST_WAVES = 2;

/** Of one positive statistic a wave; undefined where waves are of one kind, or in no order. */
export function waveRegimes(perWave: readonly number[]): WaveRegimes | undefined {
  if (!perWave.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  const cuts = levelCuts(perWave.map(Math.log).sort((a, b) => a - b));
  if (cuts.length === 0 || cuts.length >= MOST_LEVELS) return undefined;
  const labels = perWave.map((value) => cuts.filter((cut) => Math.log(value) > cut).length);
  const groups = [0, ...cuts.map((_, i) => i + 1)].map((label) =>
    perWave.filter((_, wave) => labels[wave] === label),
  );
  if (groups.some((group) => group.length < LEAST_WAVES)) return undefined;
  const z = runsScore(labels);
  if (2 * normalCdf(-Math.abs(z)) > SIGNIFICANCE) return undefined;
  return {
    levels: groups.map(middle),
    labels,
    pattern: z > 0 ? 'alternating' : 'stretches',
  };
}

/** Waves of one level, each a stratum of which waves may stand in for each other. */
function regimeStrata({ levels, labels }: WaveRegimes): readonly Stratum[] {
  return levels.map((_, level) => labels.flatMap((label, wave) => (label === level ? [wave] : [])));
}

/** Which waves may be drawn for each other: of a regime, of a third where they trend, or all. */
export function chooseStrata(
  waves: number,
  regimes: WaveRegimes | undefined,
  trend: WaveTrend | undefined,
): readonly Stratum[] {
  if (regimes !== undefined) return regimeStrata(regimes);
  return trend === undefined ? oneStratum(waves) : thirds(waves);
}

/** Where ascending logarithms leave gaps that no noise within the levels leaves. */
function levelCuts(sorted: readonly number[]): readonly number[] {
  const gaps = sorted.slice(1).map((value, i) => value - (sorted[i] as number));
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(0.75 * gaps.length)] ?? 0;
  const least = Math.max(LEAST_RATIO, LEAST_GAP * usual);
  return gaps.flatMap((gap, i) => (gap >= least ? [(sorted[i] as number) + gap / 2] : []));
}

/**
 * Runs of equal labels against what an exchangeable order has (Wald and Wolfowitz, 1940, for
 * several kinds after Barton and David, 1957): a normal score, above 0 where there are more.
 */
function runsScore(labels: readonly number[]): number {
  const n = labels.length;
  const runs = 1 + labels.filter((label, i) => i > 0 && label !== labels[i - 1]).length;
  const sizes = [...new Set(labels)].map((kind) => labels.filter((label) => label === kind).length);
  const squares = sizes.reduce((sum, size) => sum + size ** 2, 0);
  const cubes = sizes.reduce((sum, size) => sum + size ** 3, 0);
  const expected = n + 1 - squares / n;
  const variance =
    (squares * (squares + n * (n + 1)) - 2 * n * cubes - n ** 3) / (n ** 2 * (n - 1));
  return variance > 0 ? (runs - expected) / Math.sqrt(variance) : 0;
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] as number;
}
