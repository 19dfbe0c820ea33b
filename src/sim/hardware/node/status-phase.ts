/**
 * When each kubelet reports its node's status: every `intervalUs`, at a phase of its own. The next
 * report is computed when somebody needs it, so an idle node costs nothing.
 */

import type { Rng } from '../../../core/rng.ts';

export interface StatusPhases {
  /** The first report of this node at or after `fromUs`. */
  nextReportUs(node: string, fromUs: number): number;
}

/** Phases are uniform over the interval and depend on the node's name alone. */
export function createStatusPhases(intervalUs: number, rng: Rng): StatusPhases {
  const phases = new Map<string, number>();
  const phaseOf = (node: string) => {
    let phaseUs = phases.get(node);
    if (phaseUs === undefined) {
      phaseUs = rng.fork(node).integer(Math.max(1, intervalUs));
      phases.set(node, phaseUs);
    }
    return phaseUs;
  };
  return {
    nextReportUs(node, fromUs) {
      if (intervalUs <= 0) return fromUs;
      const phaseUs = phaseOf(node);
      return phaseUs + Math.ceil((fromUs - phaseUs) / intervalUs) * intervalUs;
    },
  };
}
