/** What the containers of a pod do where that is over after a time: a pod that has none runs on. */

import type { Pod } from '../../../api/compute.ts';

export interface Program {
  /** From the start of the containers until they exit, µs. */
  readonly durationUs: number;
  /** What it leaves behind; undefined where it fails in the end. */
  readonly finish: (() => void) | undefined;
}

export type Programs = (pod: Pod) => Program | undefined;
