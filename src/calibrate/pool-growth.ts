/**
 * How long the pool took to grow by a GiB, step by step: what tells how quick the manager flattens
 * before any clone waits for it. Nothing is asked for this: storage used is recorded at the end of
 * each wave anyhow. Others who write to the pool would be taken for the manager.
 */

import { GIB } from '../core/bytes.ts';
import { toSeconds } from '../core/duration.ts';
import type { Rng } from '../core/rng.ts';
import type { UsageEntry } from '../record/entry.ts';
import type { Run, RunWave } from '../record/run.ts';
import { RESAMPLES, type StageFigures } from './stage-figures.ts';
import { stageKey } from './stage-times.ts';

export interface PoolGrowth {
  /** Of the run, by its name. */
  readonly step: string;
  readonly waves: readonly WaveGrowth[];
}

/** From the reading before to the one at the wave's end. */
export interface WaveGrowth {
  readonly index: number;
  readonly seconds: number;
  /** Raw, with replicas; never negative. */
  readonly grownBytes: number;
  /** It waited for no operation in vain: its time is the cluster's, and not a time-out of ours. */
  readonly isClean: boolean;
}

/** Of each step whose waves were followed by a reading. */
export function poolGrowth({ usage, steps, waves }: Run): readonly PoolGrowth[] {
  const names = new Map(steps.map(({ index, name }) => [index, name]));
  const clean = new Set(waves.filter(hasNoMiss).map(({ step, index }) => `${step}/${index}`));
  const grown = new Map<string, WaveGrowth[]>();
  let before: UsageEntry | undefined;
  for (const reading of usage) {
    if (before !== undefined && !isNewer(reading, before)) continue;
    const step = names.get(reading.s);
    const grownBytes = reading.usedBytes - (before?.usedBytes ?? 0);
    // What is deleted on the way says nothing of what was written.
    if (before !== undefined && step !== undefined && reading.w !== undefined && grownBytes >= 0) {
      const wave = {
        index: reading.w,
        seconds: secondsBetween(before, reading),
        grownBytes,
        isClean: clean.has(`${reading.s}/${reading.w}`),
      };
      grown.set(step, [...(grown.get(step) ?? []), wave]);
    }
    before = reading;
  }
  return [...grown].map(([step, own]) => ({ step, waves: own }));
}

function hasNoMiss({ end }: RunWave): boolean {
  return end !== undefined && end.failed + end.censored === 0;
}

/** Rook looks once a minute: what it saw may be what it saw before. */
function isNewer({ asOf }: UsageEntry, before: UsageEntry): boolean {
  return asOf === undefined || before.asOf === undefined || asOf > before.asOf;
}

/** By the clock of whoever looked at the pool, where both say when. */
function secondsBetween(before: UsageEntry, reading: UsageEntry): number {
  if (before.asOf !== undefined && reading.asOf !== undefined) return reading.asOf - before.asOf;
  return toSeconds(reading.t - before.t);
}

export interface GrowthOptions {
  /** Whether a wave of the step counts. */
  readonly isFitted: (step: string, wave: number) => boolean;
  /** Raw bytes that come at once: what a clone borrows of its image. */
  readonly lumpBytes: number;
  readonly rng: Rng;
}

/** Seconds for a GiB, of each step in which the pool grew. */
export function growthFigures(
  growth: readonly PoolGrowth[],
  { isFitted, lumpBytes, rng }: GrowthOptions,
): readonly StageFigures[] {
  return growth.flatMap(({ step, waves }) => {
    const own = waves.filter(({ index, isClean }) => isClean && isFitted(step, index));
    const bytes = own.reduce((sum, { grownBytes }) => sum + grownBytes, 0);
    if (bytes === 0) return [];
    const seconds = own.reduce((sum, wave) => sum + wave.seconds, 0) / (bytes / GIB);
    // As many as come by chance; some are on their way at either end.
    const error = seconds * Math.sqrt(lumpBytes / bytes);
    const stage = { stage: 'growth by a GiB', step, image: undefined, source: undefined } as const;
    const key = stageKey(stage);
    const dice = rng.fork(key);
    return {
      key,
      stage,
      n: own.length,
      missing: 0,
      names: ['mean'],
      values: [seconds],
      errors: [error],
      resampled: Array.from({ length: RESAMPLES }, () => [seconds + error * dice.normal()]),
    };
  });
}
