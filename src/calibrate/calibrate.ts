/**
 * The story of a calibration: what the runs measured, which constants that tells, what they are,
 * how well each stage comes out with them, and how well the waves that were held out.
 */

import { createRng } from '../core/rng.ts';
import { type Fit, fit } from './fit.ts';
import { fitQuality, type StageQuality } from './fit-quality.ts';
import { type HeldOut, heldOut } from './holdout.ts';
import type { NotIdentified } from './identify.ts';
import type { Candidate } from './logs.ts';
import type { MeasuredCase, Simulate } from './measured-case.ts';
import { candidates, whyIdle, withFactors } from './mechanisms.ts';
import { type Overlay, overlays } from './overlay.ts';
import { createPlayer } from './player.ts';
import type { Simulation } from '../scenario/scenario.ts';

export interface Calibration {
  /** Of the first case, with the constants that were fitted. */
  readonly simulation: Simulation;
  readonly before: Simulation;
  readonly fit: Fit;
  readonly notIdentified: readonly NotIdentified[];
  readonly quality: readonly StageQuality[];
  readonly heldOut: readonly HeldOut[];
  readonly overlays: readonly Overlay[];
  /** Of the simulations with the fitted constants. */
  readonly counters: Readonly<Record<string, number>>;
  readonly simulations: number;
}

export interface CalibrateOptions {
  readonly simulate: Simulate;
  readonly seed: number;
  /** What may be moved, and what together; each calibrated constant by itself where undefined. */
  readonly unknowns?: readonly Candidate[] | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** `cases` begin from the same simulation, save for their images. */
export async function calibrate(
  cases: readonly [MeasuredCase, ...MeasuredCase[]],
  { simulate, seed, unknowns, onProgress }: CalibrateOptions,
): Promise<Calibration> {
  const before = withAllImages(cases);
  const player = createPlayer(cases, simulate);
  const { counters } = await player.play(new Map(), seed);
  const idle: NotIdentified[] = [];
  const busy: Candidate[] = [];
  for (const one of unknowns ?? candidates(before).map((path) => [path])) {
    const why = one.length === 1 ? whyIdle(one[0] as string, before, counters) : undefined;
    if (why === undefined) busy.push(one);
    else idle.push(...one.map((path) => ({ path, why })));
  }
  const found = await fit(player, { candidates: busy, seed, onProgress });
  return {
    simulation: withFactors(before, found.factors),
    before,
    fit: found,
    notIdentified: [...found.notIdentified, ...idle],
    quality: fitQuality(player, found.played),
    heldOut: heldOut(cases, found.played, createRng(seed).fork('held out')),
    overlays: overlays(cases, found.played),
    counters: found.played[0]?.counters ?? {},
    simulations: player.count,
  };
}

/** One simulation for all: the first to name an image says what it holds. */
function withAllImages(cases: readonly [MeasuredCase, ...MeasuredCase[]]): Simulation {
  const all = cases.flatMap(({ scenario }) => scenario.simulation.images);
  const images = all.filter(({ key }, i) => all.findIndex((each) => each.key === key) === i);
  return { ...cases[0].scenario.simulation, images };
}
