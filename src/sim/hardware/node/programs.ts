/** What the containers of a pod do where that comes to an end: a pod without a program runs on. */

import type { Pod } from '../../../api/compute.ts';

/** It is over after a time. */
export interface Program {
  /** From the start of the containers until they exit, µs. */
  readonly durationUs: number;
  /** What it leaves behind; undefined where it fails in the end. */
  readonly finish: (() => void) | undefined;
  /** Its container's termination message, which some controllers read. */
  readonly message?: string;
}

/** It is over when another program has done its part. */
export interface Service {
  /** Calls `end` when the containers exit, unless what it returns was called before. */
  serve(end: () => void): () => void;
  readonly message?: string;
}

export type Programs = (pod: Pod) => Program | Service | undefined;
