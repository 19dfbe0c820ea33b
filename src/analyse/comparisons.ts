/**
 * Clones from a PVC against clones from a snapshot, inside one step of one run. Only clones on the
 * path that was asked for are compared. An arm that fell back as a whole leaves nothing to compare;
 * the record then says so and has no ratio, since one to a byte copy would be read as one to a
 * snapshot.
 */

import type { Run } from '../record/run.ts';
import { findTellingSamples } from './before-sight.ts';
import { type Fallbacks, othersText } from './fallbacks.ts';
import { inSeconds } from './metric-record.ts';
import { headlineWaves, type Sample } from './samples.ts';
import { withSiblings } from '../catalogue/metric-sets.ts';
import type { Metric } from '../catalogue/metrics.ts';
import type { Dimensions } from './span.ts';
import { dimensionKey } from './spans.ts';
import { type ArmComparison, compareArms } from './statistics/compare-arms.ts';
import { count, type Counts, type Wave } from './statistics/observation.ts';

export interface ComparisonRecord extends Partial<Pick<ArmComparison, KeptFields>> {
  readonly metric: Metric;
  /** Shared by both arms. */
  readonly dimensions: Dimensions;
  readonly baseline: { readonly source: string };
  readonly head: { readonly source: string };
  /** Whether the arms' waves alternated, or all of one came first: the ratio depends on it. */
  readonly order: 'interleaved' | 'sequential';
  /** How many values of each arm were requested, and what became of them. */
  readonly counts: Pick<ArmComparison, 'baseline' | 'head'>;
  /** Why there is no ratio, where arms took another path than was asked for. */
  readonly withheld?: string;
  readonly warnings: readonly string[];
}

type KeptFields =
  | 'design'
  | 'ratioOfMeans'
  | 'ratioOfMedians'
  | 'ratioOfP95'
  | 'shift'
  | 'delta'
  | 'permutation'
  | 'restrictedMeans';

const COMPARED: readonly Metric[] = [...withSiblings('clone'), 'acknowledged'];

/** For each step and image that was cloned both ways: PVC is the baseline, snapshot the head. */
export function compareSources(
  run: Run,
  samples: readonly Sample[],
  fallbacks: Fallbacks,
): readonly ComparisonRecord[] {
  const interleaved = new Set(run.steps.filter((s) => s.interleaved).map(({ index }) => index));
  const tells = findTellingSamples(samples);
  const isTold = ({ metric, dimensions, baseline, head }: ArmPair) =>
    [baseline, head].some(({ source }) => tells({ metric, dimensions: { ...dimensions, source } }));
  return armPairs(samples)
    .filter(isTold)
    .flatMap((pair) => comparison(pair, fallbacks, interleaved.has(pair.step), run.header.seed));
}

/** What was cloned both ways: each arm's values on the path asked for, and on others. */
interface ArmPair {
  readonly metric: Metric;
  readonly step: number;
  readonly dimensions: Dimensions;
  readonly baseline: Arm;
  readonly head: Arm;
}

interface Arm {
  readonly source: string;
  readonly asked: Sample | undefined;
  readonly others: readonly Sample[];
}

function armPairs(samples: readonly Sample[]): readonly ArmPair[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { source } = sample.dimensions;
    if (!COMPARED.includes(sample.metric) || (source !== 'pvc' && source !== 'snapshot')) continue;
    const key = `${sample.metric}/${sample.step}/${dimensionKey(shared(sample))}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else group.push(sample);
  }
  return [...groups.values()].flatMap((group): ArmPair[] => {
    const [first] = group;
    const [baseline, head] = [findArm(group, 'pvc'), findArm(group, 'snapshot')];
    if (first === undefined || baseline === undefined || head === undefined) return [];
    return [{ metric: first.metric, step: first.step, dimensions: shared(first), baseline, head }];
  });
}

function findArm(samples: readonly Sample[], source: string): Arm | undefined {
  const own = samples.filter(({ dimensions }) => dimensions.source === source);
  const asked = own.find(({ dimensions }) => dimensions.path === undefined);
  const others = own.filter(({ dimensions }) => dimensions.path !== undefined);
  return own.length === 0 ? undefined : { source, asked, others };
}

function comparison(
  { metric, step, dimensions, baseline, head }: ArmPair,
  fallbacks: Fallbacks,
  isInterleaved: boolean,
  seed: number,
): ComparisonRecord[] {
  const fallen = [baseline, head].flatMap(({ source }) => {
    const arm = fallbacks.of(step, { ...dimensions, source });
    return arm === undefined ? [] : [`${source}: ${othersText(arm)}`];
  });
  const sources = { baseline: { source: baseline.source }, head: { source: head.source } };
  const order = isInterleaved ? ('interleaved' as const) : ('sequential' as const);
  const filing = { metric, dimensions, ...sources, order };
  const waves = { baseline: collectSeconds(baseline.asked), head: collectSeconds(head.asked) };
  if (isEmpty(waves.baseline) || isEmpty(waves.head)) {
    if (fallen.length === 0) return [];
    const withheld = fallen.join('; ');
    const counts = { baseline: requested(baseline), head: requested(head) };
    return [{ ...filing, counts, withheld, warnings: [withheld] }];
  }
  const isPaired = isInterleaved && hasAllWaves(baseline) && hasAllWaves(head);
  const design = isPaired ? 'paired' : 'independent';
  const {
    baseline: baselineCounts,
    head: headCounts,
    warnings,
    statistics: _,
    ...rest
  } = compareArms(waves.baseline, waves.head, { seed, design });
  const counts = { baseline: baselineCounts, head: headCounts };
  return [{ ...filing, counts, ...rest, warnings: [...warnings, ...fallen] }];
}

function requested({ asked, others }: Arm): Counts {
  return count([asked, ...others].flatMap(collectSeconds).flat());
}

/** No wave of the arm took other paths as a whole: the wave beside it has still its pair. */
function hasAllWaves({ asked, others }: Arm): boolean {
  const there = new Set(asked?.waves.map(({ index }) => index));
  return others.every(({ waves }) => waves.every(({ index }) => there.has(index)));
}

function collectSeconds(sample: Sample | undefined): readonly Wave[] {
  return sample === undefined ? [] : inSeconds(headlineWaves(sample));
}

function isEmpty(waves: readonly Wave[]): boolean {
  return waves.every((wave) => wave.length === 0);
}

/** What both arms have in common. */
function shared({ dimensions }: Sample): Dimensions {
  const { source: _, path: __, ...rest } = dimensions;
  return rest;
}
