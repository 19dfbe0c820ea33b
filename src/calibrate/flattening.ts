/**
 * Whether the runs tell what clones of one image wait for beyond ceph-csi's limits: Ceph's manager,
 * which flattens. Before the hard limit nobody waits for it, but the pool grows by what it writes.
 */

import { resolveParameters } from '../parameters/parameters.ts';
import type { Fit } from './fit.ts';
import type { MeasuredCase } from './measured-case.ts';
import type { StageTimes } from './stage-times.ts';

export interface Flattening {
  /** A clone beyond the limits is then predicted by constants that were fitted. */
  readonly isTold: boolean;
  /** Clones of a claim, of the image that had most of them in one run; disks of VMs included. */
  readonly clones: number;
  /** From so many on Ceph flattens, and the pool grows. */
  readonly softSnapshots: number;
  /** To have seen enough of it, so many are to be made. */
  readonly clonesLeast: number;
  readonly isPoolRead: boolean;
}

/** Some fifteen images of 4 GiB are flattened meanwhile: their mean is then known to a tenth. */
const BEYOND_SOFT_LEAST = 150;

/** What the simulated cluster counts only where it flattens. */
export const FLATTENING_COUNTERS: readonly string[] = ['flattens', 'resourceExhausted'];

export function flatteningOf(
  cases: readonly [MeasuredCase, ...MeasuredCase[]],
  { fitted }: Pick<Fit, 'fitted'>,
): Flattening {
  const { parameters, release } = cases[0].scenario.simulation;
  const { softSnapshots } = resolveParameters(parameters, release).rbd;
  return {
    isTold: fitted.some(({ paths }) => paths.includes('manager.copyTime')),
    clones: Math.max(0, ...cases.map(clonesOfOneImage)),
    softSnapshots,
    clonesLeast: softSnapshots + BEYOND_SOFT_LEAST,
    isPoolRead: cases.some(({ growth }) => growth.length > 0),
  };
}

/** In one run: several that are pooled stand wave beside wave. */
function clonesOfOneImage({ stages, runs }: MeasuredCase): number {
  const clones = new Map<string, number>();
  for (const { stage, source, image = '', waves } of stages) {
    if (stage !== 'clone' || source !== 'pvc') continue;
    clones.set(image, (clones.get(image) ?? 0) + operations(waves) / runs.length);
  }
  return Math.round(Math.max(0, ...clones.values()));
}

function operations(waves: StageTimes['waves']): number {
  return waves.reduce((sum, { values, missing }) => sum + values.length + missing, 0);
}
