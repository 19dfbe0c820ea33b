/**
 * The story of a calibration: what the runs measured, which constants that tells, what they are,
 * how well the waves come out that were held out; then the same with all waves, stage by stage.
 */

import { createRng } from '../core/rng.ts';
import { type Fit, fit, type FitOptions } from './fit.ts';
import { fitQuality, type StageQuality } from './fit-quality.ts';
import { type HeldOut, heldOut } from './holdout.ts';
import type { NotIdentified } from './identify.ts';
import type { Candidate } from './logs.ts';
import { type MeasuredCase, type Simulate, withAllWaves } from './measured-case.ts';
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
  const options = { candidates: busy, seed, onProgress };
  const partial = await fit(player, options);
  const rng = createRng(seed);
  const all = { player, cases, found: partial };
  const final = isHeldOut(cases) ? await fitToAll(cases, { ...options, simulate, partial }) : all;
  return {
    simulation: withFactors(before, final.found.factors),
    before,
    fit: final.found,
    notIdentified: [...final.found.notIdentified, ...idle],
    quality: fitQuality(final.player, final.found.played),
    heldOut: heldOut(cases, partial.played, rng.fork('held out')),
    overlays: overlays(cases, final.found.played),
    counters: final.found.played[0]?.counters ?? {},
    simulations: player.count + (final.player === player ? 0 : final.player.count),
  };
}

function isHeldOut(cases: readonly MeasuredCase[]): boolean {
  return cases.some(({ held }) => held.size > 0);
}

/**
 * Once the waves that were held out have said how well the rest predicts them, they are fitted too:
 * later waves may show what earlier ones cannot, such as a queue that fills with the snapshots.
 */
async function fitToAll(
  parts: readonly [MeasuredCase, ...MeasuredCase[]],
  {
    partial,
    simulate,
    ...options
  }: FitOptions & { readonly partial: Fit; readonly simulate: Simulate },
) {
  const rng = createRng('all waves');
  const cases = parts.map((part, i) => withAllWaves(part, rng.fork(String(i))));
  const player = createPlayer(cases, simulate);
  return { player, cases, found: await fit(player, { ...options, start: partial.logs }) };
}

/** One simulation for all: the first to name an image says what it holds. */
function withAllImages(cases: readonly [MeasuredCase, ...MeasuredCase[]]): Simulation {
  const all = cases.flatMap(({ scenario }) => scenario.simulation.images);
  const images = all.filter(({ key }, i) => all.findIndex((each) => each.key === key) === i);
  return { ...cases[0].scenario.simulation, images };
}
