/** What the arithmetic of waves is made with: the constants of the simulated cluster. */

import type { Parameters } from '../../parameters/parameters.ts';
import type { GuestProfile } from '../../parameters/guests.ts';
import type { CloneSource } from '../../capacity/admission.ts';

export interface Model {
  readonly parameters: Parameters;
  /** An event is seen, and what follows from it is asked for: so many times. */
  look(times: number): number;
}

export function createModel(parameters: Parameters): Model {
  const { watchDelayUs, roundTripUs } = parameters.api;
  return { parameters, look: (times) => times * (watchDelayUs + roundTripUs) };
}

/** A volume to fill. */
export interface Filling {
  readonly source: CloneSource | 'blank' | 'image';
  /** Of an image that is imported. */
  readonly dataBytes?: number;
}

/** A VM as far as its start is concerned. */
export interface Booting {
  readonly volumes: number;
  readonly hasTpm: boolean;
  /** Undefined: nothing boots. */
  readonly guest: GuestProfile | undefined;
}
