/** What must not come of a run that was killed and resumed. */

import type { Survival } from './kill-and-resume.ts';

export function survivalFaults(survival: Survival, asked: number): readonly string[] {
  const { operations, misses, createdTwice, left, resumed } = survival;
  return [
    ...(operations === asked ? [] : [`${operations} of ${asked} operations`]),
    ...misses.map((miss) => `missed ${miss}`),
    ...createdTwice.map((key) => `created twice: ${key}`),
    ...left.map((kind) => `left: ${kind}`),
    // 3: the machine was too busy for such a speed, and the figures say so.
    ...(resumed.code === 0 || resumed.code === 3 ? [] : [`exit ${resumed.code}: ${resumed.err}`]),
  ];
}
