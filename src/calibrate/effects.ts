/** What each constant does to the figures of its stages, found by changing it. */

import type { Unknown } from './identify.ts';
import { type Candidate, type Logs, toFactors } from './logs.ts';
import { type Played, type Player, tells } from './player.ts';

export interface EffectOptions {
  readonly seed: number;
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly told: readonly Candidate[];
  readonly logs: Logs;
  readonly before: Played;
}

/** Constants without a stage in common are changed at once: each is told by its own stages. */
export async function measureEffects(
  player: Player,
  options: EffectOptions,
): Promise<readonly Unknown[]> {
  const { told, logs, before, seed, onProgress } = options;
  const effects: Unknown[] = [];
  const batches = apart(player, told);
  for (const [i, batch] of batches.entries()) {
    const changed = new Map(logs);
    for (const path of batch.flat()) changed.set(path, (logs.get(path) ?? 0) + NUDGE);
    const after = await player.play(toFactors(changed), seed);
    for (const paths of batch) {
      effects.push({ paths, column: effectOf(player, paths, before, after) });
    }
    onProgress?.(`constant ${i + 1} of ${batches.length}: ${batch.flat().join(', ')}`);
  }
  return effects;
}

function apart(player: Player, told: readonly Candidate[]): readonly Candidate[][] {
  const batches: Candidate[][] = [];
  const clash = (a: Candidate, b: Candidate) =>
    player.measured.some((each) => tells(each, a) && tells(each, b));
  for (const one of told) {
    const free = batches.find((batch) => !batch.some((other) => clash(one, other)));
    if (free === undefined) batches.push([one]);
    else free.push(one);
  }
  return batches;
}

/** A constant is made slower by this much to see what it does. */
export const NUDGE = Math.log(2);

/** The move of each figure of its stages, by the factor's logarithm. */
function effectOf(
  player: Player,
  paths: Candidate,
  before: Played,
  after: Played,
): readonly number[] {
  return player.measured.map((each, i) => {
    const move = (after.values[i] as number) - (before.values[i] as number);
    return tells(each, paths) && Number.isFinite(move) ? move / NUDGE : 0;
  });
}

/** A step so short says more of the dice than of the constants. */
const STEP_LEAST = 0.1;

/**
 * What the constants do, by what a step of them did: the derivatives of each figure are changed as
 * little as its move asks for, and those that are 0 stay so (Schubert's form of Broyden's update).
 */
export function learned(
  unknowns: readonly Unknown[],
  delta: readonly number[],
  before: Played,
  after: Played,
): readonly Unknown[] {
  const columns = unknowns.map(({ column }) => [...column]);
  for (const [i, value] of after.values.entries()) {
    const own = columns.map((column, k) => (column[i] === 0 ? 0 : (delta[k] as number)));
    const length = own.reduce((sum, each) => sum + each * each, 0);
    const foreseen = own.reduce((sum, each, k) => sum + each * (columns[k]?.[i] as number), 0);
    const miss = value - (before.values[i] as number) - foreseen;
    if (length < STEP_LEAST ** 2 || !Number.isFinite(miss)) continue;
    for (const [k, column] of columns.entries()) {
      column[i] = (column[i] as number) + (miss * (own[k] as number)) / length;
    }
  }
  return unknowns.map((each, k) => ({ ...each, column: columns[k] as readonly number[] }));
}
