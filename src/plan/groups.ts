/** Steps that begin at the same moment, and in which order their waves come. */

import type { PlannedStep, PlannedWave, WaveStep } from './plan.ts';

/** Runs of steps of one group; a step of none stands alone. */
export function stepGroups<S extends Pick<PlannedStep, 'group'>>(
  steps: readonly S[],
): readonly (readonly S[])[] {
  const groups: S[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const isBeside = step.group !== undefined && last?.[0]?.group === step.group;
    if (isBeside) last?.push(step);
    else groups.push([step]);
  }
  return groups;
}

export interface WaveOfStep {
  readonly step: WaveStep;
  readonly wave: PlannedWave;
}

/** All waves as they follow each other, as far as that is known: in a group, number by number. */
export function wavesInOrder(steps: readonly PlannedStep[]): readonly WaveOfStep[] {
  return stepGroups(steps).flatMap((group) => {
    const waved = group.filter((step) => step.kind !== 'pause');
    const most = Math.max(0, ...waved.map(({ waves }) => waves.length));
    return Array.from({ length: most }, (_, i) =>
      waved.flatMap((step) => {
        const wave = step.waves[i];
        return wave === undefined ? [] : [{ step, wave }];
      }),
    ).flat();
  });
}
