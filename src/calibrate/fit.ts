/**
 * Constants fitted to measured stages, by Gauss and Newton on the logarithms: the scenario is
 * played with each constant changed, those that the figures tell are moved until the simulated
 * figures meet the measured ones. The same seed throughout, so that what moves is the constant and
 * not the dice; the last step is taken on the mean over other seeds.
 */

import {
  type Identified,
  identify,
  type NotIdentified,
  signalStrength,
  type Unknown,
} from './identify.ts';
import { type FittedUnknown, intervals } from './intervals.ts';
import { type Candidate, type Logs, moved, tiedLogs, toFactors } from './logs.ts';
import { learned, measureEffects, NUDGE } from './effects.ts';
import type { Factors } from './mechanisms.ts';
import { computeMisfit, step, type Weigh, weigher } from './misfit.ts';
import { meanPlayed, type Played, type Player, sameStage, tells } from './player.ts';

export interface Fit {
  readonly factors: Factors;
  /** Their logarithms, where a later fit may start. */
  readonly logs: Logs;
  readonly fitted: readonly FittedUnknown[];
  readonly notIdentified: readonly NotIdentified[];
  /** With the fitted constants, one for each seed. */
  readonly played: readonly Played[];
}

export interface FitOptions {
  readonly candidates: readonly Candidate[];
  readonly seed: number;
  /** Of an earlier fit to a part of the same; one round is then enough. */
  readonly start?: Logs | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** Each round measures anew what the constants do. */
const ROUNDS = 2;
const STEPS = 4;
/** Below so many scatters there is no hint of what a constant does, and no second try of it. */
const NO_HINT = 0.5;
const SEEDS = 3;

export async function fit(player: Player, options: FitOptions): Promise<Fit> {
  const { candidates, seed, start } = options;
  const rounds = start === undefined ? ROUNDS : 1;
  const told = candidates.filter((one) => player.measured.some((each) => tells(each, one)));
  const stages = sameStage(player);
  let asked: readonly Candidate[] = told;
  const faint: Unknown[] = [];
  let logs: Logs = start ?? new Map();
  let identified: Identified = { unknowns: [], notIdentified: [] };
  for (let round = 1; round <= rounds; round++) {
    const before = await player.play(toFactors(logs), seed);
    const effects = await measureEffects(player, { ...options, told: asked, logs, before });
    const weigh = weigher(player, await playSeeds(player, logs, seed));
    const weights = weigh(before);
    identified = identify([...effects, ...faint], { weights, sameStage: stages }, NUDGE);
    faint.push(...effects.filter((each) => signalStrength(each, weights, NUDGE) < NO_HINT));
    asked = effects.filter((each) => !faint.includes(each)).map(({ paths }) => paths);
    logs = tiedLogs(identified.unknowns, logs);
    options.onProgress?.(
      `round ${round} of ${rounds}: ${identified.unknowns.length} unknowns of ${told.length}`,
    );
    logs = await descend(player, identified.unknowns, logs, { ...options, weigh });
  }
  const played = await playSeeds(player, logs, seed);
  const weigh = weigher(player, played);
  const last = step(player, identified.unknowns, meanPlayed(played), weigh);
  logs = moved(logs, identified.unknowns, last);
  const untold = candidates.filter((one) => !told.includes(one)).flat();
  return {
    factors: toFactors(logs),
    logs,
    fitted: intervals(player, identified.unknowns, logs, played),
    notIdentified: [
      ...identified.notIdentified,
      ...untold.map((path) => ({ path, why: 'no stage of the run shows it' })),
    ],
    played: await playSeeds(player, logs, seed),
  };
}

async function descend(
  player: Player,
  unknowns: readonly Unknown[],
  start: Logs,
  { seed, onProgress, weigh }: FitOptions & { readonly weigh: Weigh },
): Promise<Logs> {
  let logs = start;
  let played = await player.play(toFactors(logs), seed);
  let cost = computeMisfit(player, unknowns, played, weigh);
  let share = 1;
  let effects = unknowns;
  for (let n = 1; n <= STEPS; n++) {
    const delta = step(player, effects, played, weigh).map((each) => each * share);
    const next = moved(logs, effects, delta);
    const after = await player.play(toFactors(next), seed);
    const costAfter = computeMisfit(player, effects, after, weigh);
    effects = learned(effects, delta, played, after);
    onProgress?.(`step ${n}: misfit ${costAfter.toFixed(0)} (was ${cost.toFixed(0)})`);
    if (costAfter < cost) {
      [logs, played, cost, share] = [next, after, costAfter, 1];
      if (Math.max(...delta.map(Math.abs)) < 0.01) break;
    } else share /= 3;
  }
  return logs;
}

async function playSeeds(player: Player, logs: Logs, seed: number): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (let n = 1; n <= SEEDS; n++) played.push(await player.play(toFactors(logs), seed + n));
  return played;
}
