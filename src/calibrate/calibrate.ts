/**
 * The story of a calibration: what the runs measured, which constants that tells, what they are,
 * how well the waves come out that were held out; then the same with all waves, stage by stage.
 */

import { createRng } from '../core/rng.ts';
import { type Fit, fit } from './fit.ts';
import { fitQuality, type StageQuality } from './fit-quality.ts';
import { type Flattening, flatteningOf } from './flattening.ts';
import { type HeldOut, heldOut } from './holdout.ts';
import type { NotIdentified } from './identify.ts';
import type { Candidate } from './logs.ts';
import { type MeasuredCase, type Simulate, withAllWaves } from './measured-case.ts';
import { candidates, type ConstantPath, whyIdle, withFactors } from './mechanisms.ts';
import { type Overlay, overlays } from './overlay.ts';
import { createPlayer, type Player } from './player.ts';
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
  readonly flattening: Flattening;
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
  let simulations = 0;
  const counted: Simulate = (scenario, own) => {
    simulations += 1;
    return simulate(scenario, own);
  };
  const player = createPlayer(cases, counted);
  const { counters } = await player.play(new Map(), seed);
  const idle: NotIdentified[] = [];
  const busy: Candidate[] = [];
  for (const one of unknowns ?? together(candidates(before))) {
    const reasons = one.map((path) => ({ path, why: whyIdle(path, before, counters) }));
    if (reasons.some(({ why }) => why === undefined)) busy.push(one);
    else idle.push(...reasons.map(({ path, why = '' }) => ({ path, why })));
  }
  const options = { candidates: busy, seed, onProgress };
  const partial = await fit(player, options);
  const whole = playerOfAll(cases, counted);
  const found = whole ? await fit(whole, { ...options, start: partial.logs }) : partial;
  return {
    simulation: withFactors(before, found.factors),
    before,
    fit: found,
    notIdentified: [...found.notIdentified, ...idle],
    quality: fitQuality(whole ?? player, found.played),
    heldOut: heldOut(cases, partial.played, createRng(seed).fork('held out')),
    overlays: overlays(cases, found.played),
    flattening: flatteningOf(cases, found),
    counters: found.played[0]?.counters ?? {},
    simulations,
  };
}

/** Both are shares of what flattening takes: no clone of one image tells them apart. */
const INSEPARABLE: Candidate = ['manager.copyTime', 'manager.emptyObjectTime'];

function together(paths: readonly ConstantPath[]): readonly Candidate[] {
  const others = paths.filter((path) => !INSEPARABLE.includes(path));
  const shares = INSEPARABLE.filter((path) => paths.includes(path));
  return [...others.map((path) => [path]), ...(shares.length > 0 ? [shares] : [])];
}

/**
 * Once the waves that were held out have said how well the rest predicts them, they are fitted too:
 * later waves may show what earlier ones cannot, such as a queue that fills with the snapshots.
 * Undefined where none was held out.
 */
function playerOfAll(cases: readonly MeasuredCase[], simulate: Simulate): Player | undefined {
  if (cases.every(({ held }) => held.size === 0)) return undefined;
  const rng = createRng('all waves');
  return createPlayer(
    cases.map((part, i) => withAllWaves(part, rng.fork(String(i)))),
    simulate,
  );
}

/** One simulation for all: the first to name an image says what it holds. */
function withAllImages(cases: readonly [MeasuredCase, ...MeasuredCase[]]): Simulation {
  const all = cases.flatMap(({ scenario }) => scenario.simulation.images);
  const images = all.filter(({ key }, i) => all.findIndex((each) => each.key === key) === i);
  return { ...cases[0].scenario.simulation, images };
}
