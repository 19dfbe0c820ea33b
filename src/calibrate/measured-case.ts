/** What one scenario was measured to do, in one run or several, and which part a fit may see. */

import type { Rng } from '../core/rng.ts';
import { resolveParameters } from '../parameters/parameters.ts';
import type { Run } from '../record/run.ts';
import type { Scenario, Simulation } from '../scenario/scenario.ts';
import { growthFigures, type PoolGrowth, poolGrowth } from './pool-growth.ts';
import { type PickWaves, type StageFigures, stageFigures } from './stage-figures.ts';
import { stageKey, type StageTimes, stageTimes } from './stage-times.ts';

/** Plays a scenario on the embedded cluster and reads back what was recorded. */
export type Simulate = (scenario: Scenario, seed: number) => Promise<Run>;

export interface MeasuredCase {
  /** What is known of the cluster, and guesses for the rest. */
  readonly scenario: Scenario;
  readonly runs: readonly string[];
  readonly stages: readonly StageTimes[];
  readonly growth: readonly PoolGrowth[];
  /** Figures of the waves that are fitted. */
  readonly figures: readonly StageFigures[];
  readonly held: HeldWaves;
}

/** By step: from which wave on they are predicted and not fitted. */
export type HeldWaves = ReadonlyMap<string, number>;

/** Of each step that has so many waves, this share is held out, from its end. */
const HELD_SHARE = 0.25;
const WAVES_LEAST = 3;

/** Waves of several runs of one scenario stand beside each other. */
export function measuredCase(
  scenario: Scenario,
  runs: readonly { readonly id: string; readonly run: Run }[],
  options: { readonly holdout: boolean; readonly rng: Rng },
): MeasuredCase {
  const stages = pooled(
    runs.map(({ run }) => stageTimes(run)),
    stageKey,
  );
  const held = options.holdout ? heldWaves(stages) : new Map();
  const growth = pooled(
    runs.map(({ run }) => poolGrowth(run)),
    ({ step }) => step,
  );
  const shown = { scenario, stages, growth, held };
  const figures = figuresOf(shown, options.rng);
  return { ...shown, runs: runs.map(({ id }) => id), figures };
}

/** The same with nothing held out. */
export function withAllWaves(measured: MeasuredCase, rng: Rng): MeasuredCase {
  const held: HeldWaves = new Map();
  const all = { ...measured, held };
  return { ...all, figures: figuresOf(all, rng) };
}

/** What of a run, measured or played, a fit goes by. */
export function figuresOf(
  { scenario, stages, growth, held }: Pick<MeasuredCase, 'scenario' | 'stages' | 'growth' | 'held'>,
  rng: Rng,
): readonly StageFigures[] {
  const isFitted = (step: string, wave: number) => !isHeld(held, step, wave);
  const fitted: PickWaves = ({ step, waves }) => waves.filter(({ index }) => isFitted(step, index));
  const times = stageFigures(stages, fitted, rng);
  // The pool grows for a handful of VMs too, of whom nothing else is known.
  if (times.length === 0) return [];
  const lumpBytes = largestImage(scenario.simulation);
  return [...times, ...growthFigures(growth, { isFitted, lumpBytes, rng })];
}

/** Raw: what flattening a clone of it writes. */
function largestImage({ images, parameters, release }: Simulation): number {
  const { replicas } = resolveParameters(parameters, release).pool;
  return replicas * Math.max(0, ...images.map(({ dataBytes }) => dataBytes));
}

export function predictedWaves(held: HeldWaves): PickWaves {
  return ({ step, waves }) => waves.filter(({ index }) => isHeld(held, step, index));
}

function isHeld(held: HeldWaves, step: string, wave: number): boolean {
  return wave >= (held.get(step) ?? Number.POSITIVE_INFINITY);
}

function pooled<T extends { readonly waves: readonly unknown[] }>(
  runs: readonly (readonly T[])[],
  keyOf: (each: T) => string,
): readonly T[] {
  const byKey = new Map<string, T>();
  for (const each of runs.flat()) {
    const key = keyOf(each);
    const before = byKey.get(key);
    byKey.set(key, before ? { ...before, waves: [...before.waves, ...each.waves] } : each);
  }
  return [...byKey.values()];
}

function heldWaves(stages: readonly StageTimes[]): HeldWaves {
  const counts = new Map<string, number>();
  for (const { step, waves } of stages) {
    const most = Math.max(0, ...waves.map(({ index }) => index + 1));
    counts.set(step, Math.max(counts.get(step) ?? 0, most));
  }
  const held = [...counts].filter(([, count]) => count >= WAVES_LEAST);
  return new Map(
    held.map(([step, count]) => [step, count - Math.max(1, Math.round(count * HELD_SHARE))]),
  );
}
