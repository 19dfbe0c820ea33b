/** What a run has to say, before it is put into words: the same for every surface. */

import { findTelling, type MeanFigure } from '../../analyse/before-sight.ts';
import type { ComparisonRecord } from '../../analyse/comparisons.ts';
import type { MissGroup } from '../../analyse/misses.ts';
import type { Progress } from '../../analyse/progress.ts';
import type { StageBreakdown } from '../../analyse/stages.ts';
import type { Estimate } from '../../analyse/statistics/estimate.ts';
import type { Summary } from '../../analyse/summary.ts';
import { STAGED } from '../../catalogue/metrics.ts';
import { type BootFact, bootFacts, recordFor } from './wave-facts.ts';

export interface RunFacts {
  readonly summary: Summary;
  readonly status: StatusFact;
  /** Boots, deploys and clones: asked for and reached. */
  readonly progress: readonly Progress[];
  readonly cloneArms: readonly CloneFact[];
  readonly boots: readonly BootFact[];
  readonly storage: StorageFact | undefined;
  /** Where most of the time of a boot and of a clone went. */
  readonly longestStages: readonly StageFact[];
  readonly misses: readonly MissGroup[];
}

export interface StatusFact {
  readonly outcome: Summary['run']['outcome'];
  readonly reason: string | undefined;
  /** Why the figures are not to be trusted; empty where they are. */
  readonly invalid: readonly string[];
  /** What to do about it, in the order of the reasons. */
  readonly remedies: readonly string[];
  readonly isSimulated: boolean;
  /** The load was others': what was not seen then is not seen any more. */
  readonly isObserved: boolean;
  /** The largest group of misses, where the run is not complete. */
  readonly mainMiss: MissGroup | undefined;
}

/** Clones of one image, both ways. */
export interface CloneFact {
  readonly comparison: ComparisonRecord;
  readonly baselineMean: Estimate | undefined;
  readonly headMean: Estimate | undefined;
  /** Means of how long creations stood in admission before, where that is a part worth telling. */
  readonly waits: { readonly baseline: Estimate; readonly head: Estimate } | undefined;
}

/** Raw bytes, replicas counted, as the storage itself reports them. */
export interface StorageFact {
  readonly usedBytes: number;
  readonly totalBytes: number | undefined;
}

export interface StageFact {
  readonly breakdown: StageBreakdown;
  readonly stage: string;
  readonly seconds: number;
  readonly totalSeconds: number;
}

export function runFacts(summary: Summary): RunFacts {
  return {
    summary,
    status: statusFact(summary),
    progress: summary.progress ?? [],
    cloneArms: cloneFacts(summary),
    boots: bootFacts(summary),
    storage: storageFact(summary),
    longestStages: STAGED.toReversed().flatMap((of) => longestStage(summary, of)),
    misses: summary.misses,
  };
}

export function statusFact({ run, validity, misses, observed }: Summary): StatusFact {
  return {
    outcome: run.outcome,
    reason: run.reason,
    // A summary that others wrote may have no more than the contract names.
    invalid: validity?.reasons ?? [],
    remedies: validity?.remedies ?? [],
    isSimulated: run.target === 'simulated',
    isObserved: observed !== undefined,
    mainMiss: run.outcome === 'complete' ? undefined : misses?.[0],
  };
}

function cloneFacts(summary: Summary): readonly CloneFact[] {
  return summary.comparisons
    .filter(({ metric }) => metric === 'clone')
    .map((comparison) => {
      const { dimensions, baseline, head } = comparison;
      const meanOf = ({ source }: { readonly source: string }) =>
        recordFor(summary, 'clone', { ...dimensions, source })?.mean;
      return {
        comparison,
        baselineMean: meanOf(baseline),
        headMean: meanOf(head),
        waits: findWaits(summary, comparison),
      };
    });
}

/** Until the creations of both arms were acknowledged; undefined where that tells nothing. */
export function findWaits(
  summary: Summary,
  { dimensions, baseline, head }: Pick<ComparisonRecord, 'dimensions' | 'baseline' | 'head'>,
): CloneFact['waits'] {
  const tells = findTelling(meanFigures(summary));
  const records = [baseline, head].map(({ source }) =>
    recordFor(summary, 'acknowledged', { ...dimensions, source }),
  );
  const [before, after] = records.map((record) => record?.mean);
  if (before === undefined || after === undefined) return undefined;
  if (!records.some((record) => record && tells(record))) return undefined;
  return { baseline: before, head: after };
}

export function meanFigures({ metrics }: Summary): readonly MeanFigure[] {
  return metrics.map(({ metric, dimensions, mean }) => ({ metric, dimensions, mean: mean?.value }));
}

/** At its fullest, of what was looked at. */
function storageFact({ pool }: Summary): StorageFact | undefined {
  return pool === undefined
    ? undefined
    : { usedBytes: pool.mostUsedBytes, totalBytes: pool.totalBytes };
}

/** Of the slowest arm or image. */
function longestStage({ stages }: Summary, of: StageBreakdown['of']): readonly StageFact[] {
  const found = stages
    .filter((breakdown) => breakdown.of === of)
    .map((breakdown) => {
      const total = breakdown.stages.reduce((sum, { seconds }) => sum + seconds, 0);
      const [first, ...others] = breakdown.stages;
      if (first === undefined) return undefined;
      const longest = others.reduce((a, b) => (b.seconds > a.seconds ? b : a), first);
      return { breakdown, totalSeconds: total, ...longest };
    })
    .filter((fact) => fact !== undefined)
    .sort((a, b) => b.totalSeconds - a.totalSeconds);
  return found.slice(0, 1);
}
