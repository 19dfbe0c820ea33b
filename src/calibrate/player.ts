/** Plays the measured scenarios with other constants, and reads the figures that were measured. */

import { createRng } from '../core/rng.ts';
import { figuresOf, type MeasuredCase, type Simulate } from './measured-case.ts';
import { type ConstantPath, type Factors, isMechanism, withFactors } from './mechanisms.ts';
import { poolGrowth } from './pool-growth.ts';
import type { StageFigures } from './stage-figures.ts';
import { type StageTimes, stageTimes } from './stage-times.ts';

/** One figure that was measured, with the place of its stage. */
export interface Measured {
  readonly figures: StageFigures;
  /** Index into the stage's figures. */
  readonly figure: number;
  readonly value: number;
  readonly error: number;
}

export interface Played {
  /** Of the figures that were measured; NaN where the simulation has no such stage. */
  readonly values: readonly number[];
  readonly errors: readonly number[];
  /** Of each case. */
  readonly stages: readonly (readonly StageTimes[])[];
  /** What the simulated clusters counted, summed. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface Player {
  readonly measured: readonly Measured[];
  play(factors: Factors, seed: number): Promise<Played>;
}

export function createPlayer(cases: readonly MeasuredCase[], simulate: Simulate): Player {
  const known = new Map<string, Played>();
  return {
    measured: cases.flatMap(({ figures }) => figures.flatMap(single)),
    async play(factors, seed) {
      const key = JSON.stringify([seed, ...factors]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const played: Played[] = [];
      for (const each of cases) {
        played.push(await playCase(each, simulate, factors, seed));
      }
      const all = {
        values: played.flatMap(({ values }) => values),
        errors: played.flatMap(({ errors }) => errors),
        stages: played.flatMap(({ stages }) => stages),
        counters: summed(played.map(({ counters }) => counters)),
      };
      known.set(key, all);
      return all;
    },
  };
}

/** Whether one of the constants is a mechanism of the figure's stage. */
export function tells({ figures: { stage } }: Measured, paths: readonly ConstantPath[]): boolean {
  return paths.some((path) => isMechanism(path, stage));
}

/** By figure: which are of its stage. */
export function sameStage({ measured }: Player): readonly (readonly number[])[] {
  const byStage = new Map<StageFigures, number[]>();
  for (const [i, { figures }] of measured.entries()) {
    byStage.set(figures, [...(byStage.get(figures) ?? []), i]);
  }
  return measured.map(({ figures }) => byStage.get(figures) as number[]);
}

/** The figures of several seeds as one; it has no stages. */
export function meanPlayed(played: readonly Played[]): Played {
  const mean = (read: (each: Played) => readonly number[]) =>
    read(played[0] as Played).map(
      (_, i) => played.reduce((sum, each) => sum + (read(each)[i] as number), 0) / played.length,
    );
  return {
    values: mean(({ values }) => values),
    errors: mean(({ errors }) => errors),
    stages: [],
    counters: {},
  };
}

async function playCase(
  measured: MeasuredCase,
  simulate: Simulate,
  factors: Factors,
  seed: number,
): Promise<Played> {
  const { scenario } = measured;
  const simulation = withFactors(scenario.simulation, factors);
  const run = await simulate({ ...scenario, simulation }, seed);
  const stages = stageTimes(run);
  const rng = createRng(seed).fork('figures');
  const found = figuresOf({ ...measured, stages, growth: poolGrowth(run) }, rng);
  const byKey = new Map(found.map((each) => [each.key, each]));
  const read = (list: (each: StageFigures) => readonly number[]) =>
    measured.figures.flatMap(({ key, names }) => {
      const each = byKey.get(key);
      return each === undefined ? names.map(() => Number.NaN) : list(each);
    });
  return {
    values: read(({ values }) => values),
    errors: read(({ errors }) => errors),
    stages: [stages],
    counters: run.end?.counters ?? {},
  };
}

function summed(
  counts: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const count of counts) {
    for (const [name, n] of Object.entries(count)) sums[name] = (sums[name] ?? 0) + n;
  }
  return sums;
}

function single(figures: StageFigures): readonly Measured[] {
  return figures.names.map((_, figure) => ({
    figures,
    figure,
    value: figures.values[figure] as number,
    error: figures.errors[figure] as number,
  }));
}
