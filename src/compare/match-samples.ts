/**
 * Which samples of two runs are held against each other. Waves of another size are another load.
 * The longest of 100 is no more than the longest of 50 for being slower, so waves are compared size
 * by size, and what has no size in common is not compared.
 */

import { WAVE_METRICS } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import { findTellingSamples } from '../analyse/before-sight.ts';
import { inSeconds } from '../analyse/metric-record.ts';
import type { Sample } from '../analyse/samples.ts';
import type { Dimensions } from '../analyse/span.ts';
import { dimensionKey } from '../analyse/spans.ts';
import type { Wave } from '../analyse/statistics/observation.ts';
import type { Run } from '../record/run.ts';

export interface SampledRun {
  readonly samples: readonly Sample[];
  readonly run: Run;
}

export interface Matched {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  /** Where the runs have waves of several sizes and only those of one are compared. */
  readonly waveSize?: number;
  /** Seconds; none of them empty. */
  readonly baseline: readonly Wave[];
  readonly head: readonly Wave[];
}

export interface Unmatched {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly onlyIn: 'base' | 'head';
  /** Of waves of this size alone. */
  readonly waveSize?: number;
}

export function matchSamples(
  base: SampledRun,
  head: SampledRun,
): { readonly matched: readonly Matched[]; readonly unmatched: readonly Unmatched[] } {
  const tells = findTellingSamples(base.samples, head.samples);
  const baseline = sizedSamples(base, tells);
  const other = sizedSamples(head, tells);
  const pairs = [...baseline].flatMap(([key, sample]) => {
    const match = other.get(key);
    return match === undefined ? [] : [matchBySize(sample, match)];
  });
  return {
    matched: pairs.flatMap(({ matched }) => matched),
    unmatched: [
      ...pairs.flatMap(({ unmatched }) => unmatched),
      ...onlyIn('base', baseline, other),
      ...onlyIn('head', other, baseline),
    ],
  };
}

/** A sample's waves that hold anything, each with how many operations were released with it. */
interface SizedSample {
  readonly metric: Metric;
  readonly dimensions: Dimensions;
  readonly waves: readonly { readonly size: number; readonly wave: Wave }[];
  /** Waves of a load that others made are our own reading of it: their sizes mean nothing. */
  readonly isFound: boolean;
}

function sizedSamples(
  { samples, run }: SampledRun,
  tells: (sample: Sample) => boolean,
): ReadonlyMap<string, SizedSample> {
  const sizes = new Map(run.waves.map(({ step, index, size }) => [`${step}/${index}`, size]));
  const isFound = run.thereBefore !== undefined;
  return new Map(
    samples
      // Left out are the harness's own lateness, and what repeats other rows.
      .filter(tells)
      .flatMap(({ metric, dimensions, step, waves }) => {
        const filled = waves
          .filter(({ warmup, observations }) => !warmup && observations.length > 0)
          .map(({ index, observations }) => ({
            size: sizes.get(`${step}/${index}`) ?? observations.length,
            wave: inSeconds([observations])[0] as Wave,
          }));
        if (filled.length === 0) return [];
        const sized = { metric, dimensions, waves: filled, isFound };
        return [[`${metric}\u0000${dimensionKey(dimensions)}`, sized] as const];
      }),
  );
}

type Pairing = {
  readonly matched: readonly Matched[];
  readonly unmatched: readonly Unmatched[];
};

function matchBySize(baseline: SizedSample, head: SizedSample): Pairing {
  const { metric, dimensions } = baseline;
  const pooled = { metric, dimensions, baseline: wavesOf(baseline), head: wavesOf(head) };
  if (mayBePooled(baseline, head)) return { matched: [pooled], unmatched: [] };
  const [left, right] = [sizesOf(baseline), sizesOf(head)];
  const lonely = (side: Unmatched['onlyIn'], own: readonly number[], other: readonly number[]) =>
    own
      .filter((size) => !other.includes(size))
      .map((waveSize) => ({ metric, dimensions, onlyIn: side, waveSize }));
  return {
    matched: left
      .filter((size) => right.includes(size))
      .map((waveSize) => ({
        metric,
        dimensions,
        waveSize,
        baseline: wavesOf(baseline, waveSize),
        head: wavesOf(head, waveSize),
      })),
    unmatched: [...lonely('base', left, right), ...lonely('head', right, left)],
  };
}

/** All of one size; or, of objects, waves of several sizes that are the same on both sides. */
function mayBePooled(baseline: SizedSample, head: SizedSample): boolean {
  const isOfWaves = WAVE_METRICS.has(baseline.metric);
  if (!isOfWaves && (baseline.isFound || head.isFound)) return true;
  const mix = ({ waves }: SizedSample) =>
    waves
      .map(({ size }) => size)
      .sort((a, b) => a - b)
      .join();
  const sizes = new Set([...sizesOf(baseline), ...sizesOf(head)]);
  return sizes.size === 1 || (!isOfWaves && mix(baseline) === mix(head));
}

function sizesOf({ waves }: SizedSample): readonly number[] {
  return [...new Set(waves.map(({ size }) => size))].sort((a, b) => a - b);
}

function wavesOf({ waves }: SizedSample, of?: number): readonly Wave[] {
  return waves.filter(({ size }) => of === undefined || size === of).map(({ wave }) => wave);
}

function onlyIn(
  side: Unmatched['onlyIn'],
  own: ReadonlyMap<string, SizedSample>,
  other: ReadonlyMap<string, SizedSample>,
): readonly Unmatched[] {
  return [...own]
    .filter(([key]) => !other.has(key))
    .map(([, { metric, dimensions }]) => ({ metric, dimensions, onlyIn: side }));
}
