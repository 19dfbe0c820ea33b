/**
 * How the kernel lets promises settle without a turn of the event loop each time: Node drains them
 * between any two immediates, also between two of the same turn, so some are planned ahead.
 */

/** More would keep a signal waiting for longer; fewer would ask more often whether one came. */
const PLANNED_AHEAD = 64;

/**
 * Calls `step` until it returns false; each time the promises that were ready, and all they made
 * ready, are done. No promise of our own is in between: a run takes millions of steps.
 */
export function stepWhenSettled(step: () => boolean): void {
  let planned = 0;
  let goesOn = true;
  const turn = () => {
    planned -= 1;
    goesOn &&= step();
    if (goesOn && planned === 0) plan();
  };
  const plan = () => {
    for (; planned < PLANNED_AHEAD; planned++) setImmediate(turn);
  };
  plan();
}
