/** The unit in which a length of time is best drawn. */

import type { ValueFormat } from './chart-spec.ts';

export interface TimeAxis {
  readonly unit: 'seconds' | 'minutes' | 'hours';
  readonly format: ValueFormat;
  /** Seconds in one unit. */
  readonly perUnitS: number;
}

/** Seconds up to five minutes, minutes up to five hours. */
export function toTimeAxis(lastS: number): TimeAxis {
  if (lastS <= 300) return { unit: 'seconds', format: 'seconds', perUnitS: 1 };
  if (lastS <= 5 * 3600) return { unit: 'minutes', format: 'minutes', perUnitS: 60 };
  return { unit: 'hours', format: 'hours', perUnitS: 3600 };
}
