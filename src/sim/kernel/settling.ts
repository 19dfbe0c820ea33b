/**
 * How the kernel lets promises settle without a turn of the event loop each time: Node drains them
 * between any two immediates, also between two of the same turn, so some are planned ahead.
 */

/** More would keep a signal waiting for longer; fewer would ask more often whether one came. */
const PLANNED_AHEAD = 64;

/** Each call resolves when the promises that are ready, and all they make ready, are done. */
export function createSettling(): () => Promise<void> {
  let planned = 0;
  let settled = () => {};
  const turn = () => {
    planned -= 1;
    settled();
  };
  return () =>
    new Promise((resolve) => {
      settled = resolve;
      if (planned > 0) return;
      for (; planned < PLANNED_AHEAD; planned++) setImmediate(turn);
    });
}
