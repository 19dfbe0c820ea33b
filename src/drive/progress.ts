/** How far a measurement is: a value for each change, told to whoever listens. */

import type { StepKind } from '../catalogue/step-kinds.ts';

export interface Progress {
  /** Run time. */
  readonly atUs: number;
  /** Counted from 0, as in the plan. */
  readonly step: number;
  readonly steps: number;
  readonly name: string;
  readonly kind: StepKind;
  /** Waves of the step released so far. */
  readonly wave: number;
  readonly waves: number;
  /** Of the step. */
  readonly operations: number;
  readonly inFlight: number;
  readonly reached: number;
  readonly failed: number;
  readonly censored: number;
  /** Operations of the whole run that are over, and planned. */
  readonly done: number;
  readonly planned: number;
  /** What the run is at, apart from its waves. */
  readonly doing: 'preparing' | 'waves' | 'pausing' | 'cleaning';
}
