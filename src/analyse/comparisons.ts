/** Clones from a PVC against clones from a snapshot, inside one step of one run. */

import type { Run } from '../record/run.ts';
import { inSeconds } from './metric-record.ts';
import { headlineWaves, type Sample } from './samples.ts';
import type { Dimensions, Metric } from './span.ts';
import { dimensionKey } from './spans.ts';
import { type ArmComparison, compareArms } from './statistics/compare-arms.ts';
import type { Wave } from './statistics/observation.ts';

export interface ComparisonRecord extends Pick<ArmComparison, KeptFields> {
  readonly metric: Metric;
  /** Shared by both arms. */
  readonly dimensions: Dimensions;
  readonly baseline: { readonly source: string };
  readonly head: { readonly source: string };
  /** How many values of each arm were requested, and what became of them. */
  readonly counts: Pick<ArmComparison, 'baseline' | 'head'>;
}

type KeptFields =
  | 'design'
  | 'ratioOfMeans'
  | 'ratioOfMedians'
  | 'ratioOfP95'
  | 'shift'
  | 'delta'
  | 'permutation'
  | 'restrictedMeans'
  | 'warnings';

const COMPARED: readonly Metric[] = ['clone', 'waveClone'];

/** For each step and image that was cloned both ways: PVC is the baseline, snapshot the head. */
export function compareSources(run: Run, samples: readonly Sample[]): readonly ComparisonRecord[] {
  const interleaved = new Set(run.steps.filter((s) => s.interleaved).map(({ index }) => index));
  return samples
    .filter(({ metric, dimensions }) => COMPARED.includes(metric) && dimensions.source === 'pvc')
    .flatMap((baseline) => {
      const head = samples.find((sample) => isOtherArm(sample, baseline));
      if (head === undefined) return [];
      return comparison(baseline, head, interleaved.has(baseline.step), run.header.seed);
    });
}

function isOtherArm(sample: Sample, baseline: Sample): boolean {
  return (
    sample.metric === baseline.metric &&
    sample.step === baseline.step &&
    sample.dimensions.source === 'snapshot' &&
    dimensionKey(withoutSource(sample)) === dimensionKey(withoutSource(baseline))
  );
}

function comparison(
  baseline: Sample,
  head: Sample,
  isInterleaved: boolean,
  seed: number,
): ComparisonRecord[] {
  const waves = { baseline: secondsOf(baseline), head: secondsOf(head) };
  if (isEmpty(waves.baseline) || isEmpty(waves.head)) return [];
  const design = isInterleaved ? 'paired' : 'independent';
  const {
    baseline: baselineCounts,
    head: headCounts,
    ...rest
  } = compareArms(waves.baseline, waves.head, { seed, design });
  return [
    {
      metric: baseline.metric,
      dimensions: withoutSource(baseline),
      baseline: { source: baseline.dimensions.source ?? '' },
      head: { source: head.dimensions.source ?? '' },
      counts: { baseline: baselineCounts, head: headCounts },
      ...rest,
    },
  ];
}

function secondsOf(sample: Sample): readonly Wave[] {
  return inSeconds(headlineWaves(sample));
}

function isEmpty(waves: readonly Wave[]): boolean {
  return waves.every((wave) => wave.length === 0);
}

function withoutSource({ dimensions }: Sample): Dimensions {
  const { source: _, ...rest } = dimensions;
  return rest;
}
